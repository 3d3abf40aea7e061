// The guild's people, channels and history: a hobby club that repairs and builds lamps.
#include <array>
#include <string>
#include <utility>

#include "sandbox/guild.h"
#include "sandbox/random.h"

namespace mcpgate::sandbox {
namespace {

constexpr std::int64_t kFounded = 1'695'027'600'000;       // 2023-09-18
constexpr std::int64_t kFirstMessage = 1'741'339'800'000;  // 2025-03-07
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr int kGeneralMessages = 280;

constexpr std::array kLines = {
    "morning all, who is in the workshop today?",
    "the {} arrived, better quality than I expected",
    "has anyone wired a {} to a dimmer before?",
    "careful with the {}, the casing is live until you pull the plug",
    "I left the {} on the second shelf, left of the vice",
    "photos of the {} later tonight",
    "that worked, thank you!",
    "could we order two more of the {}? I broke one and dropped the other",
    "I'd say 2700 K, everything else looks like a dentist's",
    "who borrowed the {}? no rush, just want to know it is alive",
    "measured again: 12.4 V under load, so the {} is fine",
    "+1",
    "first attempt at the {} went up in smoke, second one is drying",
    "can confirm, same thing with mine",
    "the repair evening is Thursday at 19:00, bring your broken {}",
    "I wrote down how to take the {} apart, it is in the pinned list",
    "lol, of course it was the fuse",
    "question: glue or screw for the {}?",
    "screw. always screw.",
    "we have a visitor next week who wants to see the {}",
    "does 24 V sound right for a {} of that size?",
    "no, look at the label again, it says 12",
    "ah. thanks, that would have been exciting",
    "new record: the {} survived four hours at full brightness",
};

constexpr std::array kThings = {"brass lantern", "LED driver",   "soldering station", "paper shade",
                                "toggle switch", "oak base",     "signal lamp",       "reflector",
                                "heat gun",      "cable sleeve", "ship's light",      "power supply"};

struct Person {
  const char* username;
  const char* global_name;
};
constexpr std::array<Person, 7> kPeople = {{{"marta.vl", "Marta"},
                                            {"oyelaran", "Tunde"},
                                            {"kestrel_77", "Kestrel"},
                                            {"juniper.h", "Juniper"},
                                            {"piotr_w", "Piotr"},
                                            {"sunniva", "Sunniva"},
                                            {"old_bulb", "Old Bulb"}}};

/// Builds one guild. Not thread-safe.
class Seeder {
 public:
  explicit Seeder(std::uint64_t seed) : random_(seed) {}

  Guild Build() {
    guild_.id = NewId(kFounded);
    guild_.name = "Lantern Works";
    guild_.description = "Repairing old lamps, building new ones.";
    AddRoles();
    AddPeople();
    AddChannels();
    FillGeneral();
    FillOthers();
    return std::move(guild_);
  }

 private:
  Snowflake NewId(std::int64_t ms) { return SnowflakeAt(ms, static_cast<std::uint32_t>(random_.Next())); }

  void AddRoles() {
    constexpr std::uint64_t kEveryday = kAddReactions | kViewChannel | kSendMessages | kEmbedLinks |
                                        kAttachFiles | kReadMessageHistory | kConnect | kSpeak;
    moderator_ = NewId(kFounded + kDay);
    maker_ = NewId(kFounded + 2 * kDay);
    bot_role_ = NewId(kFounded + 400 * kDay);
    guild_.bot = NewId(kFounded + 399 * kDay);
    guild_.roles = {
        {guild_.id, "@everyone", 0, kEveryday, 0, 0},
        {maker_, "Maker", 1, kEveryday, 0xE67E22, 0},
        {bot_role_, "Lamplighter", 2, kEveryday, 0, guild_.bot},
        {moderator_, "Moderator", 3, kEveryday | kManageMessages | kMentionEveryone, 0x3498DB, 0}};
  }

  void AddPeople() {
    for (std::size_t i = 0; i < kPeople.size(); ++i) {
      const std::int64_t joined = kFounded + static_cast<std::int64_t>(i) * 11 * kDay;
      const User user{NewId(joined - 500 * kDay), kPeople[i].username, kPeople[i].global_name, false};
      guild_.members.push_back({user, {i < 2 ? moderator_ : maker_}, joined});
    }
    guild_.owner = guild_.members.front().user.id;
    tide_bot_ = NewId(kFounded + 100 * kDay);
    guild_.members.push_back({{tide_bot_, "workshop-hours", "", true}, {}, kFounded + 101 * kDay});
    guild_.members.push_back({{guild_.bot, "lamplighter", "", true}, {bot_role_}, kFounded + 400 * kDay});
  }

  Snowflake AddChannel(ChannelType type, std::string name, std::string topic, Snowflake parent,
                       std::vector<Overwrite> overwrites = {}) {
    const int position = static_cast<int>(guild_.channels.size());
    const Snowflake id = NewId(kFounded + kDay + position * kMinute);
    guild_.channels[id] = {.id = id,
                           .type = type,
                           .name = std::move(name),
                           .topic = std::move(topic),
                           .parent = parent,
                           .position = position,
                           .overwrites = std::move(overwrites)};
    return id;
  }

  void AddChannels() {
    const Snowflake house = AddChannel(ChannelType::kCategory, "The House", "", 0);
    announcements_ =
        AddChannel(ChannelType::kAnnouncement, "announcements", "Opening hours and events", house);
    general_ = AddChannel(ChannelType::kText, "general", "Anything about lamps", house);
    bench_ = AddChannel(ChannelType::kText, "bot-bench", "Try bots here, not in #general", house);
    AddChannel(ChannelType::kVoice, "Workbench", "", house, {{guild_.id, 0, kSendMessages}});
    AddChannel(ChannelType::kForum, "ideas", "One post an idea", house);
    staff_ = AddChannel(ChannelType::kText, "staff", "Moderators only", house,
                        {{guild_.id, 0, kViewChannel}, {moderator_, kViewChannel, 0}});
  }

  Message& Post(Snowflake channel, Snowflake author, std::int64_t ms, std::string content) {
    Message message;
    message.id = NewId(ms);
    message.channel = channel;
    message.author = author;
    message.content = std::move(content);
    return guild_.channels[channel].messages[message.id] = std::move(message);
  }

  std::string Line() {
    std::string line = kLines[random_.Below(kLines.size())];
    if (const std::size_t slot = line.find("{}"); slot != std::string::npos) {
      line.replace(slot, 2, kThings[random_.Below(kThings.size())]);
    }
    return line;
  }

  // Bursts with pauses of hours between them, as people talk.
  std::int64_t Pause() {
    const std::int64_t seconds = static_cast<std::int64_t>(random_.Below(240) + 4);
    const bool is_lull = random_.Below(9) == 0;
    return seconds * 1000 + static_cast<std::int64_t>(random_.Below(1000)) +
           (is_lull ? static_cast<std::int64_t>(random_.Below(20) + 1) * 60 * kMinute : 0);
  }

  void FillGeneral() {
    std::int64_t now = kFirstMessage;
    Snowflake previous = 0;
    for (int i = 0; i < kGeneralMessages; ++i) {
      now += Pause();
      const Snowflake author = guild_.members[random_.Below(kPeople.size())].user.id;
      Message& message = Post(general_, author, now, Line());
      if (previous != 0 && random_.Below(6) == 0) message.reply_to = previous;
      if (random_.Below(25) == 0) message.edited_ms = now + 40'000;
      previous = message.id;
      Decorate(message, i, now);
    }
  }

  void Decorate(Message& message, int index, std::int64_t now) {
    if (index == 60) {
      message.content = "the reflector after polishing";
      const std::string id = std::to_string(NewId(now));
      const std::string url = "https://cdn.sandbox.invalid/attachments/" + std::to_string(general_) + "/" +
                              id + "/reflector.jpg?ex=68600000&is=685eae80&hm=00";
      message.attachments = Json::array({{{"id", id},
                                          {"filename", "reflector.jpg"},
                                          {"size", 184'320},
                                          {"url", url},
                                          {"proxy_url", url},
                                          {"content_type", "image/jpeg"},
                                          {"width", 1600},
                                          {"height", 1200}}});
    } else if (index == 120) {
      message.author = tide_bot_;
      message.content = "";
      const Json fields = Json::array({{{"name", "Thursday"}, {"value", "until 22:00"}, {"inline", true}}});
      message.embeds = Json::array({{{"type", "rich"},
                                     {"title", "Workshop hours"},
                                     {"description", "Open Tuesday to Saturday"},
                                     {"color", 0xE67E22},
                                     {"fields", fields}}});
    } else if (index == 180) {
      message.author = NewId(kFounded + 200 * kDay);
      message.webhook_name = "Delivery desk";
      message.content = "Parcel for the workshop: 3 boxes, signed for at the door.";
    } else if (index == 240) {
      message.author = guild_.members[0].user.id;
      message.mentions = {guild_.members[2].user.id};
      message.content = "<@" + std::to_string(message.mentions[0]) + "> your shade is ready to be collected";
    }
  }

  void FillOthers() {
    const Snowflake owner = guild_.members[0].user.id;
    Post(announcements_, owner, kFirstMessage + 3 * kDay,
         "Repair evening every Thursday at 19:00. Tea is free.");
    Post(announcements_, owner, kFirstMessage + 40 * kDay, "New on the shelf: a second soldering station.");
    Post(bench_, owner, kFirstMessage + kDay, "This is the place to try a bot.");
    Post(bench_, tide_bot_, kFirstMessage + kDay + kMinute, "Open today until 22:00.");
    Post(staff_, owner, kFirstMessage + 5 * kDay, "The key to the cabinet is with Tunde this week.");
  }

  Random random_;
  Guild guild_;
  Snowflake moderator_ = 0;
  Snowflake maker_ = 0;
  Snowflake bot_role_ = 0;
  Snowflake tide_bot_ = 0;
  Snowflake announcements_ = 0;
  Snowflake general_ = 0;
  Snowflake bench_ = 0;
  Snowflake staff_ = 0;
};

}  // namespace

Guild SeedGuild(std::uint64_t seed) { return Seeder(seed).Build(); }

}  // namespace mcpgate::sandbox
