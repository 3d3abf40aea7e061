#include "cli/notices.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
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
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = store->storage->notices();
  if (!outbox.ok()) return console.Fail(outbox.status());
  const absl::StatusOr<std::vector<NoticeWaiting>> waiting = (*outbox)->Waiting(kMostShown);
  if (!waiting.ok()) return console.Fail(waiting.status());
  Tell(console, *waiting);
  return kDone;
}

int TestNotices(const Console& console, const NoticesOptions& options) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = store->storage->notices();
  if (!outbox.ok()) return console.Fail(outbox.status());
  absl::StatusOr<AdminChange> recording =
      AdminChange::Begin(*store->storage->audit(), "notices.test", "", {});
  if (!recording.ok()) return console.Fail(recording.status());
  const absl::Status posted =
      (*outbox)->Post({.kind = "test", .summary = "a test, asked for at the command line"});
  const absl::Status recorded = recording->End(posted, "");
  if (!posted.ok()) return console.Fail(posted);
  if (!recorded.ok())
    console.Note("the outcome is missing in the audit trail: " + std::string(recorded.message()));
  if (console.json()) {
    console.Document({{"posted", true}});
  } else {
    console.Text(
        "posted; a server that runs on this directory with a --notice option delivers it within seconds.\n"
        "mcpgate notices list shows it for as long as it waits\n");
  }
  return kDone;
}

void DeclareNotices(CLI::App& root, Choice& choice) {
  CLI::App& notices = Group(root, "notices", "What servers tell by webhook, Slack and mail");
  CLI::App* list = Subcommand(notices, "list", "Lists what waits to be delivered", kMoreNotices);
  Command<NoticesOptions>(list, choice, ListNotices);
  CLI::App* test = Subcommand(notices, "test", "Posts one, to see whether it arrives", kMoreNotices);
  Command<NoticesOptions>(test, choice, TestNotices);
}

}  // namespace mcpgate::hosts
