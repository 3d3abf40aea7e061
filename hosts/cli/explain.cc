#include "cli/explain.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/keys.h"
#include "common/policy_file.h"
#include "common/table.h"
#include "common/tools.h"

namespace mcpgate::hosts {
namespace {

// What the tools of the hosts declare; admin for one that is none of theirs.
absl::StatusOr<Role> RoleOfTool(SqliteStorage& storage, const std::string& tool) {
  // It is asked for nothing, so any token does.
  const absl::StatusOr<std::shared_ptr<Discord>> discord =
      Discord::New({.bot_token = Secret("unused"), .nonce_key = DeriveSecret(storage.root_key(), "unused")});
  if (!discord.ok()) return discord.status();
  Registry registry;
  if (absl::Status status = AddHostTools(registry, storage, *discord); !status.ok()) return status;
  return registry.RoleOf(tool).value_or(Role::kAdmin);
}

}  // namespace

int Explain(const Console& console, const ExplainOptions& options) {
  const std::optional<Role> named = ParseRole(options.needs);
  if (!options.needs.empty() && !named)
    return console.Fail("--needs is reader, writer, manager, moderator or admin", "mcpgate explain --help",
                        kUsage);
  absl::StatusOr<std::shared_ptr<const Policy>> policy =
      options.policy_file.empty() ? Policy::New({}) : ReadPolicyFile(options.policy_file);
  if (!policy.ok()) return console.Fail(policy.status());
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<KeyInfo> key =
      store->keyring->admin().Show(TenantScope::Operator(), KeyIdOf(options.key));
  if (!key.ok()) return FailToFindKey(console, key.status());
  const absl::StatusOr<KeyVerdict> verdict = store->keyring->Assess(key->record.id);
  if (!verdict.ok()) return console.Fail(verdict.status());
  const absl::StatusOr<Role> needed =
      named ? absl::StatusOr<Role>(*named) : RoleOfTool(*store->storage, options.tool);
  if (!needed.ok()) return console.Fail(needed.status());

  PolicyDecision decision{.rule = fmt::format("the key is refused: {}", KeyRefusalName(verdict->refusal))};
  if (verdict->refusal == KeyRefusal::kNone)
    decision = (*policy)->Explain(*verdict->principal, options.tool, *needed);
  if (console.json()) {
    console.Document({{"key", key->record.id},
                      {"tool", options.tool},
                      {"needs", std::string(RoleName(*needed))},
                      {"allowed", decision.allowed},
                      {"rule", decision.rule}});
    return kDone;
  }
  console.Text(fmt::format(
      "{}: key {} ({}) {} call {}, which asks for role {}.\n  {}\n",
      Tinted(decision.allowed ? "yes" : "no", decision.allowed ? Tone::kGood : Tone::kBad, console.colour()),
      key->record.id, key->record.name, decision.allowed ? "may" : "may not", options.tool, RoleName(*needed),
      decision.rule));
  return kDone;
}

}  // namespace mcpgate::hosts
