#include "common/static_keys.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <span>
#include <utility>

#include "common/data_directory.h"
#include "common/secret_source.h"
#include "common/time_text.h"
#include "common/weak_secret.h"
#include "mcpgate/policy.h"

namespace mcpgate::hosts {
namespace {

constexpr char kVariable[] = "MCPGATE_API_KEYS";
constexpr char kFileVariable[] = "MCPGATE_API_KEYS_FILE";
constexpr char kBetween[] = ", \t\r\n";

}  // namespace

void DeclareStaticKeys(CLI::App& app, StaticKeyOptions& options) {
  app.add_option(
         "--static-role", options.role,
         "Role of the keys in MCPGATE_API_KEYS or in the file that\nMCPGATE_API_KEYS_FILE names [reader]")
      ->envname("MCPGATE_STATIC_ROLE")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return ParseRole(text) ? "" : "is reader, writer, manager, moderator or admin";
          },
          ""))
      ->type_name("ROLE");
  app.add_option("--static-resource", options.resources,
                 "What they reach: discord:channel:ID, discord:channel:*;\nrepeatable [nothing]")
      ->envname("MCPGATE_STATIC_RESOURCES")
      ->delimiter(',')
      ->type_name("NAME");
}

absl::Status StaticKeySource::Take() {
  file_ = Environment(kFileVariable);
  // ReadSecret wipes the variable; the file is read anew each time.
  absl::StatusOr<std::optional<Secret>> taken = ReadSecret({"list of API keys", kVariable, "", ""});
  if (!taken.ok()) return taken.status();
  variable_ = *std::move(taken);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StaticKey>> StaticKeySource::Read(const StaticKeyOptions& options) const {
  absl::StatusOr<Secret> text = Secret();
  if (variable_) text = *variable_;
  if (!variable_ && !file_.empty()) text = ReadSecretFile(file_);
  if (!text.ok()) return text.status();
  const std::string where = variable_ ? kVariable : file_;
  std::string_view left = RevealSecret(*text);
  std::vector<StaticKey> keys;
  while (left.find_first_not_of(kBetween) != left.npos) {
    left.remove_prefix(left.find_first_not_of(kBetween));
    const std::string_view key = left.substr(0, left.find_first_of(kBetween));
    left.remove_prefix(key.size());
    if (absl::Status weak = CheckNotWeak("API key", where, key); !weak.ok()) return weak;
    keys.push_back({.token = Secret(key),
                    .name = fmt::format("static {}", keys.size() + 1),
                    .grants = {.role = ParseRole(options.role).value_or(Role::kReader),
                               .resources = options.resources}});
  }
  return keys;
}

absl::Status UseStaticKeys(Keyring& keyring, KeyStore& store, const std::vector<StaticKey>& keys,
                           const Log& log) {
  const absl::StatusOr<std::vector<std::string>> ids = keyring.UseStaticKeys(keys);
  if (!ids.ok()) return ids.status();
  // What was counted in this process is not written down yet.
  if (absl::Status flushed = keyring.FlushUses(); !flushed.ok()) return flushed;
  const absl::StatusOr<std::vector<KeyUse>> uses = store.Uses(*ids);
  if (!uses.ok()) return uses.status();
  for (std::size_t i = 0; i < uses->size(); ++i) {
    const KeyUse& use = (*uses)[i];
    log.Warning(
        fmt::format("{} is key {}, {}", keys[i].name, use.id,
                    use.uses == 0 ? "never used" : fmt::format("last used {}", TimeText(use.last_used_at))));
  }
  return absl::OkStatus();
}

}  // namespace mcpgate::hosts
