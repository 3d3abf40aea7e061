#include "sandbox/service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "sandbox/routes.h"

namespace mcpgate::sandbox {
namespace {

constexpr std::size_t kMaxLoggedBody = 16 << 10;
constexpr std::string_view kStatePath = "/sandbox/state";

HttpAnswer ToAnswer(const Reply& reply) {
  HttpAnswer answer{.status = reply.status};
  if (reply.status != 204) answer.body = DumpJson(reply.body);
  return answer;
}

HttpAnswer AnswerProblem(HttpRequest::Problem problem) {
  switch (problem) {
    case HttpRequest::Problem::kBodyTooLarge:
      return ToAnswer(Problem(413, 40005, "Request entity too large"));
    case HttpRequest::Problem::kHeaderTooLarge:
      return ToAnswer(Problem(431, 0, "431: Request Header Fields Too Large"));
    case HttpRequest::Problem::kMalformed:
    case HttpRequest::Problem::kNone:
      break;
  }
  return ToAnswer(Problem(400, 0, "400: Bad Request"));
}

// How many segments the API's prefix has: "/api/v10", "/api/v9"; 0 when it is not there.
std::size_t PrefixLength(const Target& target) {
  if (target.segments.size() < 2 || target.segments[0] != "api") return 0;
  return target.segments[1] == "v10" || target.segments[1] == "v9" ? 2 : 0;
}

// The body of a request that takes one, or why it is refused.
std::variant<Json, Reply> ReadBody(const HttpRequest& request) {
  const std::string* type = FindHeader(request.headers, "Content-Type");
  if (type == nullptr || type->rfind("application/json", 0) != 0) {
    FormErrors errors;
    errors.Add("", "CONTENT_TYPE_INVALID",
               "Expected \"Content-Type\" header to be one of {'application/json'}.");
    return errors.ToReply();
  }
  absl::StatusOr<Json> body = ParseJson(request.body);
  if (!body.ok()) return Problem(400, 50109, "The request body contains invalid JSON.");
  return *std::move(body);
}

SandboxMessage Shown(const Message& message) {
  return {.id = std::to_string(message.id),
          .channel_id = std::to_string(message.channel),
          .author_id = std::to_string(message.author),
          .content = message.content,
          .nonce = message.nonce,
          .reply_to = message.reply_to ? std::to_string(*message.reply_to) : "",
          .created_here = message.created_here,
          .edited = message.edited_ms != 0,
          .created = WallTime(std::chrono::milliseconds(UnixMs(message.id)))};
}

}  // namespace

Service::Service(SandboxOptions options)
    : options_(std::move(options)),
      authorization_("Bot " + std::string(RevealSecret(options_.bot_token))),
      guild_(SeedGuild(options_.seed)),
      posting_(guild_, options_),
      buckets_(options_),
      ban_(options_) {}

HttpAnswer Service::Handle(HttpRequest request) {
  const Target target = ParseTarget(request.target);
  MutexLock lock(mutex_);
  if (target.path == kStatePath) return {.body = DumpJson(StateJson())};
  ++counters_.requests;
  HttpAnswer answer = Decide(request, target);
  ban_.Count(answer);
  answer.delay += options_.latency;
  Log(std::move(request), target, answer);
  return answer;
}

HttpAnswer Service::Decide(const HttpRequest& request, const Target& target) {
  if (ban_.Stands()) return Spoil(SandboxFault::CloudflareBan(), {});
  const std::optional<SandboxFault> fault = faults_.Take(request.method, target.path);
  if (!fault) return Answer(request, target);
  ++counters_.faults;
  return Spoil(*fault, IsCarriedOut(*fault) ? Answer(request, target) : HttpAnswer{});
}

HttpAnswer Service::Answer(const HttpRequest& request, const Target& target) {
  HttpAnswer answer = request.problem == HttpRequest::Problem::kNone ? AnswerRoute(request, target)
                                                                     : AnswerProblem(request.problem);
  answer.headers.emplace_back("Via", "1.1 google");
  return answer;
}

bool Service::IsAuthorized(const HttpRequest& request) const {
  const std::string* shown = FindHeader(request.headers, "Authorization");
  return shown != nullptr && Secret(*shown) == Secret(authorization_);
}

HttpAnswer Service::AnswerRoute(const HttpRequest& request, const Target& target) {
  const std::size_t prefix = PrefixLength(target);
  if (prefix == 0) return ToAnswer(Problem(404, 0, "404: Not Found"));
  const std::string* agent = FindHeader(request.headers, "User-Agent");
  if (agent == nullptr || agent->rfind("DiscordBot (", 0) != 0) {
    return ToAnswer(Problem(403, 40333, "internal network error"));
  }
  if (!IsAuthorized(request)) return ToAnswer(Problem(401, 0, "401: Unauthorized"));
  const std::variant<Match, Reply> found = FindRoute(request.method, target, prefix);
  if (const Reply* refusal = std::get_if<Reply>(&found)) return ToAnswer(*refusal);

  const Match& match = std::get<Match>(found);
  Buckets::Verdict verdict = buckets_.Take(match.route->bucket, match.ids[0]);
  HttpAnswer answer;
  if (verdict.refusal) {
    ++counters_.rate_limited;
    answer = *std::move(verdict.refusal);
  } else {
    std::variant<Json, Reply> body = match.route->takes_body ? ReadBody(request) : Json();
    Reply* refusal = std::get_if<Reply>(&body);
    Call call{guild_, posting_, target, std::get_if<Json>(&body), match.ids};
    answer = ToAnswer(refusal != nullptr ? std::move(*refusal) : match.route->run(call));
  }
  std::move(verdict.headers.begin(), verdict.headers.end(), std::back_inserter(answer.headers));
  return answer;
}

void Service::Log(HttpRequest request, const Target& target, const HttpAnswer& answer) {
  const bool is_authorized = IsAuthorized(request);
  SandboxRequest entry{.method = std::move(request.method),
                       .path = target.path,
                       .query = target.query,
                       .headers = std::move(request.headers),
                       .body = std::move(request.body),
                       .status = answer.cut == HttpAnswer::Cut::kBeforeAnswer ? 0 : answer.status,
                       .connection = request.connection,
                       .at = options_.clock->Now()};
  for (auto& [name, value] : entry.headers) {
    if (EqualNames(name, "Authorization")) value = is_authorized ? "valid" : "invalid";
  }
  if (entry.body.size() > kMaxLoggedBody) entry.body.resize(kMaxLoggedBody);
  log_.push_back(std::move(entry));
  if (log_.size() > options_.max_log) log_.pop_front();
}

Json Service::StateJson() const {
  Json channels = Json::object();
  for (const auto& [id, channel] : guild_.channels) {
    channels[std::to_string(id)] = {{"name", channel.name}, {"messages", channel.messages.size()}};
  }
  Json created = Json::array();
  for (const Creation& creation : posting_.creations()) {
    created.push_back({{"id", std::to_string(creation.id)},
                       {"channel_id", std::to_string(creation.channel)},
                       {"nonce", creation.nonce},
                       {"at_ns", creation.at.time_since_epoch().count()},
                       {"deleted", creation.deleted}});
  }
  return {{"guild_id", std::to_string(guild_.id)},  {"requests", counters_.requests},
          {"rate_limited", counters_.rate_limited}, {"deduplicated", posting_.deduplicated()},
          {"channels", std::move(channels)},        {"created", std::move(created)}};
}

std::string Service::guild_id() const {
  MutexLock lock(mutex_);
  return std::to_string(guild_.id);
}

std::string Service::bot_id() const {
  MutexLock lock(mutex_);
  return std::to_string(guild_.bot);
}

std::string Service::ChannelId(std::string_view name) const {
  MutexLock lock(mutex_);
  const Channel* channel = guild_.FindChannel(name);
  return channel == nullptr ? "" : std::to_string(channel->id);
}

std::vector<SandboxMessage> Service::Messages(std::string_view channel_id) const {
  std::vector<SandboxMessage> shown;
  const std::optional<Snowflake> id = ParseSnowflake(channel_id);
  MutexLock lock(mutex_);
  const auto channel = guild_.channels.find(id.value_or(0));
  if (channel == guild_.channels.end()) return shown;
  for (const auto& [unused, message] : channel->second.messages) shown.push_back(Shown(message));
  return shown;
}

std::vector<SandboxRequest> Service::RequestLog() const {
  MutexLock lock(mutex_);
  return {log_.begin(), log_.end()};
}

SandboxCounters Service::counters() const {
  MutexLock lock(mutex_);
  SandboxCounters counters = counters_;
  counters.created = posting_.created();
  counters.deduplicated = posting_.deduplicated();
  return counters;
}

void Service::AddFault(SandboxRoute route, SandboxFault fault) {
  MutexLock lock(mutex_);
  faults_.Add(std::move(route), std::move(fault));
}

void Service::ClearFaults() {
  MutexLock lock(mutex_);
  faults_.Clear();
}

}  // namespace mcpgate::sandbox
