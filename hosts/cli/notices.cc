#include "cli/notices.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "cli/help_text.h"
#include "cli/keys.h"
#include "cli/recorded.h"
#include "common/table.h"
#include "common/time_text.h"
#include "mcpgate/notice.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMostShown = 1000;

std::string TextOf(WallTime time) {
  return TimeText(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

Json WaitingJson(const NoticeWaiting& waiting) {
  return {{"place", waiting.place},
          {"attempts", waiting.parcel.attempt},
          {"due", TextOf(waiting.due)},
          {"notice", NoticeJson(waiting.parcel)}};
}

struct OpenOutbox {
  Store store;
  std::shared_ptr<NoticeOutbox> outbox;
};

absl::StatusOr<OpenOutbox> Open(const std::string& data) {
  absl::StatusOr<Store> store = OpenKeys(data);
  if (!store.ok()) return store.status();
  absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = store->storage->notices();
  if (!outbox.ok()) return outbox.status();
  return OpenOutbox{*std::move(store), *std::move(outbox)};
}

// With both records around it.
absl::Status Change(const Console& console, OpenOutbox& open, std::string action, AdminChange::Fields fields,
                    const std::function<absl::Status()>& change) {
  const auto done = [&change]() -> absl::StatusOr<bool> {
    if (absl::Status status = change(); !status.ok()) return status;
    return true;
  };
  return Recorded(console, open.store, std::move(action), "", std::move(fields), done,
                  [](bool) { return std::string(); })
      .status();
}

void Tell(const Console& console, const std::vector<NoticeWaiting>& all) {
  if (console.json()) {
    Json rows = Json::array();
    for (const NoticeWaiting& waiting : all) rows.push_back(WaitingJson(waiting));
    return console.Document({{"waiting", std::move(rows)}});
  }
  if (all.empty()) return console.Text("no notice waits\n");
  Table table({"PLACE", "MADE", "ATTEMPTS", "DUE", "KIND", "NOTICE"});
  for (const NoticeWaiting& waiting : all) {
    const int attempts = waiting.parcel.attempt;
    table.Add({waiting.place, TextOf(waiting.parcel.made),
               Cell(std::to_string(attempts), attempts > 1 ? Tone::kWarning : Tone::kPlain),
               TextOf(waiting.due), waiting.parcel.notice.kind, waiting.parcel.notice.summary});
  }
  console.Text(table.Render(console.colour()));
  if (all.size() == kMostShown) console.Note("there are more; these are the oldest");
}

}  // namespace

int ListNotices(const Console& console, const NoticesOptions& options) {
  absl::StatusOr<OpenOutbox> open = Open(options.data);
  if (!open.ok()) return console.Fail(open.status());
  const absl::StatusOr<std::vector<NoticeWaiting>> waiting = open->outbox->Waiting(kMostShown);
  if (!waiting.ok()) return console.Fail(waiting.status());
  Tell(console, *waiting);
  return kDone;
}

int TestNotices(const Console& console, const NoticesOptions& options) {
  absl::StatusOr<OpenOutbox> open = Open(options.data);
  if (!open.ok()) return console.Fail(open.status());
  const absl::Status posted = Change(console, *open, "notices.test", {}, [&outbox = *open->outbox] {
    return outbox.Post({.kind = "test", .summary = "a test, asked for at the command line"});
  });
  if (!posted.ok()) return console.Fail(posted);
  if (console.json()) {
    console.Document({{"posted", true}});
  } else {
    console.Text(
        "posted; a server that runs on this directory with a --notice option delivers it within seconds.\n"
        "mcpgate notices list shows it for as long as it waits\n");
  }
  return kDone;
}

int ForgetPlace(const Console& console, const ForgetPlaceOptions& options) {
  absl::StatusOr<OpenOutbox> open = Open(options.data);
  if (!open.ok()) return console.Fail(open.status());
  const absl::Status forgotten =
      Change(console, *open, "notices.forget", {{"place", options.place}},
             [&outbox = *open->outbox, &options] { return outbox.ForgetPlace(options.place); });
  if (!forgotten.ok()) return console.Fail(forgotten);
  if (console.json()) {
    console.Document({{"forgotten", options.place}});
  } else {
    console.Text(fmt::format("forgotten: {}, with what waited there\n", options.place));
  }
  return kDone;
}

void DeclareNotices(CLI::App& root, Choice& choice) {
  CLI::App& notices = Group(root, "notices", "What servers tell by webhook, Slack and mail");
  CLI::App* list = Subcommand(notices, "list", "Lists what waits to be delivered", kMoreNotices);
  Command<NoticesOptions>(list, choice, ListNotices);
  CLI::App* test = Subcommand(notices, "test", "Posts one, to see whether it arrives", kMoreNotices);
  Command<NoticesOptions>(test, choice, TestNotices);
  CLI::App* forget =
      Subcommand(notices, "forget", "Drops what waits at a place that no server has any more", "");
  ForgetPlaceOptions& options = Command<ForgetPlaceOptions>(forget, choice, ForgetPlace);
  forget->add_option("place", options.place, "webhook, slack or mail")->required()->type_name("PLACE");
}

}  // namespace mcpgate::hosts
