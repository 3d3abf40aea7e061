#include "cli/explain.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "cli/key_view.h"
#include "cli/keys.h"
#include "common/policy_file.h"
#include "common/table.h"

namespace mcpgate::hosts {
namespace {

// What shipped tools declare.
constexpr std::array<std::pair<std::string_view, Role>, 5> kShipped = {
    {{"check_server_status", Role::kReader},
     {"discord_get_channel", Role::kReader},
     {"discord_list_channels", Role::kReader},
     {"discord_read_messages", Role::kReader},
     {"discord_send_message", Role::kWriter}}};

absl::StatusOr<Role> RoleNeeded(const ExplainOptions& options) {
  if (!options.needs.empty()) {
    const std::optional<Role> role = ParseRole(options.needs);
    if (role) return *role;
    return absl::InvalidArgumentError("--needs is reader, writer, manager, moderator or admin");
  }
  for (const auto& [name, role] : kShipped) {
    if (name == options.tool) return role;
  }
  return Role::kAdmin;
}

// What the gate would decide by, without the secret: the principal, and of a session its parent's rights.
absl::StatusOr<Principal> PrincipalOf(KeyAdmin& admin, const KeyInfo& key) {
  const TenantScope scope = TenantScope::Operator();
  const KeyRecord& record = key.record;
  Principal principal{.key_id = record.id,
                      .family = record.family,
                      .tenant = record.tenant,
                      .name = record.name,
                      .grants = record.grants,
                      .principal = record.principal};
  if (record.kind != KeyKind::kSession) return principal;
  const absl::StatusOr<KeyPage> family = admin.List(scope, {.family = record.parent});
  if (!family.ok()) return family.status();
  for (const KeyInfo& parent : family->keys) {
    if (parent.state == KeyInfo::State::kLive)
      principal.ceiling = std::make_shared<const Grants>(parent.record.grants);
  }
  return principal;
}

}  // namespace

int Explain(const Console& console, const ExplainOptions& options) {
  const absl::StatusOr<Role> needed = RoleNeeded(options);
  if (!needed.ok()) return console.Fail(needed.status(), "mcpgate explain --help", kUsage);
  absl::StatusOr<std::shared_ptr<const Policy>> policy =
      options.policy_file.empty() ? Policy::New({}) : ReadPolicyFile(options.policy_file);
  if (!policy.ok()) return console.Fail(policy.status());
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  KeyAdmin& admin = store->keyring->admin();
  const absl::StatusOr<KeyInfo> key = admin.Show(TenantScope::Operator(), KeyIdOf(options.key));
  if (!key.ok()) return FailToFindKey(console, key.status());
  const absl::StatusOr<Principal> principal = PrincipalOf(admin, *key);
  if (!principal.ok()) return console.Fail(principal.status());

  const PolicyDecision decision = (*policy)->Explain(*principal, options.tool, *needed);
  const bool is_live = key->state == KeyInfo::State::kLive;
  const std::string rule = is_live ? decision.rule : fmt::format("the key is {}", KeyStateName(key->state));
  const bool allowed = is_live && decision.allowed;
  if (console.json()) {
    console.Document({{"key", key->record.id},
                      {"tool", options.tool},
                      {"needs", std::string(RoleName(*needed))},
                      {"allowed", allowed},
                      {"rule", rule}});
    return kDone;
  }
  console.Text(fmt::format(
      "{}: key {} ({}) {} call {}, which asks for role {}.\n  {}\n",
      Tinted(allowed ? "yes" : "no", allowed ? Tone::kGood : Tone::kBad, console.colour()), key->record.id,
      key->record.name, allowed ? "may" : "may not", options.tool, RoleName(*needed), rule));
  return kDone;
}

}  // namespace mcpgate::hosts
