#include "cli/collect.h"

#include <fmt/format.h>

#include <optional>

#include "cli/help_text.h"
#include "cli/keys.h"
#include "common/data_directory.h"
#include "common/housekeeping.h"
#include "common/job_ttl.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

void Tell(const Console& console, const Collected& collected, Nanos keep, bool dry_run) {
  if (console.json()) {
    return console.Document({{"dry_run", dry_run},
                             {"job_ttl", ExactDurationText(keep)},
                             {"keys", collected.keys},
                             {"sessions", collected.sessions},
                             {"tasks", collected.tasks},
                             {"token_files", collected.token_files}});
  }
  console.Text(
      fmt::format("{}: {} keys and {} sessions that ended more than {} ago, {} tasks, {} token files\n",
                  dry_run ? "would be removed" : "removed", collected.keys, collected.sessions,
                  DurationText(keep), collected.tasks, collected.token_files));
}

}  // namespace

int CollectGarbage(const Console& console, const CollectOptions& options) {
  const absl::StatusOr<std::optional<Nanos>> keep = ReadJobTtl(options.job_ttl);
  if (!keep.ok()) return console.Fail(keep.status(), "mcpgate gc --help", kUsage);
  if (!keep->has_value())
    return console.Fail("--job-ttl is off: nothing is ever removed", "Say how long: --job-ttl 7d", kUsage);
  const absl::StatusOr<std::string> directory = DataDirectory(options.data);
  if (!directory.ok()) return console.Fail(directory.status());
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const Household household{.keys = &store->keyring->admin(),
                            .tasks = store->storage->tasks().get(),
                            .audit = store->storage->audit().get(),
                            .token_files = *directory + "/mcp-tokens",
                            .keep = **keep,
                            .source = "cli"};
  const absl::StatusOr<Collected> collected = Collect(household, options.dry_run);
  if (!collected.ok()) return console.Fail(collected.status());
  Tell(console, *collected, household.keep, options.dry_run);
  return kDone;
}

void DeclareCollect(CLI::App& root, Choice& choice) {
  CLI::App* app = Subcommand(root, "gc", kAboutCollect, kMoreCollect);
  CollectOptions& options = Command<CollectOptions>(app, choice, CollectGarbage);
  DeclareJobTtl(*app, options.job_ttl);
  app->add_flag("--dry-run", options.dry_run, "Count it, change nothing");
}

}  // namespace mcpgate::hosts
