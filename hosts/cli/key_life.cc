#include "cli/key_life.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "cli/key_view.h"
#include "cli/recorded.h"
#include "common/secret_source.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

const TenantScope& Operator() {
  static const TenantScope scope = TenantScope::Operator();
  return scope;
}

std::int64_t MillisNow() {
  return std::chrono::floor<std::chrono::milliseconds>(Clock::System().Now()).time_since_epoch().count();
}

// One verb on an existing key, recorded, and what it made of it shown.
template <typename Change>
int ChangeKey(const Console& console, const OneKeyOptions& options, const char* action,
              AdminChange::Fields fields, Change change, const char* told) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  KeyAdmin& admin = store->keyring->admin();
  const std::string id = KeyIdOf(options.id);
  if (absl::StatusOr<KeyInfo> found = admin.Show(Operator(), id); !found.ok())
    return FailToFindKey(console, found.status());
  const absl::StatusOr<KeyInfo> key = Recorded(
      console, *store, action, id, std::move(fields), [&] { return change(admin, id); },
      [](const KeyInfo& info) { return info.record.id; });
  if (!key.ok()) return console.Fail(key.status());
  if (console.json()) {
    console.Document({{"key", KeyJson(*key)}});
  } else {
    console.Text(fmt::format(fmt::runtime(told), key->record.id, key->record.name));
  }
  return kDone;
}

absl::Status SetGrants(const UpdateKeyOptions& options, const KeyInfo& key, KeyChange& change) {
  if (options.role.empty() && !options.tools_given && !options.reach_given) return absl::OkStatus();
  Grants grants = key.record.grants;
  if (!options.role.empty()) {
    const std::optional<Role> role = ParseRole(options.role);
    if (!role) return absl::InvalidArgumentError("--role is reader, writer, manager, moderator or admin");
    grants.role = *role;
  }
  if (options.tools_given) {
    grants.allow_tools = options.allow_tools;
    grants.deny_tools = options.deny_tools;
  }
  if (options.reach_given) {
    grants.resources = options.resources;
    if (absl::Status status = AddChannels(options.channels, grants.resources); !status.ok()) return status;
  }
  change.grants = std::move(grants);
  return absl::OkStatus();
}

absl::StatusOr<KeyChange> ChangeOf(const UpdateKeyOptions& options, const KeyInfo& key) {
  KeyChange change;
  if (!options.name.empty()) change.name = options.name;
  if (!options.metadata.empty()) change.metadata = options.metadata;
  if (options.any_network || !options.networks.empty()) change.networks = options.networks;
  if (!options.expires.empty()) {
    const absl::StatusOr<Nanos> span = ParseDuration(options.expires);
    if (!span.ok()) return absl::InvalidArgumentError("--expires: " + std::string(span.status().message()));
    change.expires_at = MillisNow() + std::chrono::floor<std::chrono::milliseconds>(*span).count();
  }
  if (absl::Status status = SetGrants(options, key, change); !status.ok()) return status;
  return change;
}

AdminChange::Fields FieldsOf(const KeyChange& change) {
  AdminChange::Fields fields;
  if (change.name) fields.emplace_back("name", *change.name);
  if (change.expires_at) fields.emplace_back("expires", TimeText(*change.expires_at));
  if (change.networks) fields.emplace_back("networks", JoinText(*change.networks));
  if (change.metadata) fields.emplace_back("metadata", "changed");
  if (!change.grants) return fields;
  fields.emplace_back("role", std::string(RoleName(change.grants->role)));
  fields.emplace_back("allow_tools", JoinText(change.grants->allow_tools));
  fields.emplace_back("deny_tools", JoinText(change.grants->deny_tools));
  fields.emplace_back("resources", JoinText(change.grants->resources));
  return fields;
}

}  // namespace

int UpdateKey(const Console& console, const UpdateKeyOptions& options) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  absl::StatusOr<KeyInfo> found = store->keyring->admin().Show(Operator(), KeyIdOf(options.id));
  if (!found.ok()) return FailToFindKey(console, found.status());
  const absl::StatusOr<KeyChange> change = ChangeOf(options, *found);
  if (!change.ok()) return console.Fail(change.status(), "mcpgate keys update --help", kUsage);
  return ChangeKey(
      console, {.data = options.data, .id = options.id}, "keys.update", FieldsOf(*change),
      [&](KeyAdmin& admin, const std::string& id) { return admin.Update(Operator(), id, *change); },
      "Changed {} ({}).\n");
}

int DisableKey(const Console& console, const OneKeyOptions& options) {
  return ChangeKey(
      console, options, "keys.disable", {},
      [](KeyAdmin& admin, const std::string& id) { return admin.SetDisabled(Operator(), id, true); },
      "Disabled {} ({}). It is refused until it is enabled.\n");
}

int EnableKey(const Console& console, const OneKeyOptions& options) {
  return ChangeKey(
      console, options, "keys.enable", {},
      [](KeyAdmin& admin, const std::string& id) { return admin.SetDisabled(Operator(), id, false); },
      "Enabled {} ({}).\n");
}

int FinishKey(const Console& console, const OneKeyOptions& options) {
  return ChangeKey(
      console, options, "keys.finish", {},
      [](KeyAdmin& admin, const std::string& id) { return admin.FinishRotation(Operator(), id); },
      "Ended the old secret {} ({}).\n");
}

int UndoKey(const Console& console, const OneKeyOptions& options) {
  return ChangeKey(
      console, options, "keys.undo", {},
      [](KeyAdmin& admin, const std::string& id) { return admin.UndoRotation(Operator(), id); },
      "Revoked the new secret; {} ({}) goes on as before.\n");
}

int RotateKey(const Console& console, const RotateKeyOptions& options) {
  Nanos overlap{0};
  if (options.overlap != "0") {
    const absl::StatusOr<Nanos> span = ParseDuration(options.overlap);
    if (!span.ok()) return console.Fail("--overlap: " + std::string(span.status().message()), "", kUsage);
    overlap = *span;
  }
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const std::string id = KeyIdOf(options.id);
  KeyAdmin& admin = store->keyring->admin();
  if (absl::StatusOr<KeyInfo> found = admin.Show(Operator(), id); !found.ok())
    return FailToFindKey(console, found.status());
  std::optional<SecretFile> file;
  if (!options.key_file.empty()) {
    absl::StatusOr<SecretFile> made = SecretFile::Create(options.key_file);
    if (!made.ok()) return console.Fail(made.status());
    file.emplace(*std::move(made));
  }
  const absl::StatusOr<IssuedKey> key = Recorded(
      console, *store, "keys.rotate", id, {{"overlap", options.overlap}},
      [&] { return admin.Rotate(Operator(), id, overlap); },
      [](const IssuedKey& issued) { return issued.record.id; });
  if (!key.ok()) return console.Fail(key.status());
  const std::string undo = "take it back: mcpgate keys undo " + key->record.id;
  if (file.has_value()) {
    if (absl::Status status = file->Write(key->token); !status.ok()) return console.Fail(status, undo);
  }
  ShowCreatedKey(console, *key, options.key_file);
  if (!console.Flush()) return console.Fail("the result could not be written", file ? "" : undo);
  if (overlap > Nanos(0))
    console.Note(fmt::format("the old secret works for {} more; end it: mcpgate keys finish {}",
                             DurationText(overlap), key->record.id));
  return kDone;
}

int ImportKey(const Console& console, const ImportKeyOptions& options) {
  absl::StatusOr<KeyRequest> request = KeyRequestOf(options.wish);
  if (!request.ok()) return console.Fail(request.status(), "mcpgate keys import --help", kUsage);
  if (options.token_file.empty() == options.sha256.empty())
    return console.Fail("give either --token-file or --sha256", "mcpgate keys import --help", kUsage);
  ImportedKey imported{.request = *request, .sha256_hex = options.sha256};
  if (!options.token_file.empty()) {
    absl::StatusOr<Secret> token = ReadSecretFile(options.token_file);
    if (!token.ok()) return console.Fail(token.status());
    imported.token = *std::move(token);
  }
  absl::StatusOr<Store> store = OpenOrMakeKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<KeyInfo> key = Recorded(
      console, *store, "keys.import", "", {{"name", request->name}, {"tenant", request->tenant}},
      [&] { return store->keyring->admin().Import(Operator(), imported); },
      [](const KeyInfo& info) { return info.record.id; });
  if (!key.ok()) return console.Fail(key.status());
  if (console.json()) {
    console.Document({{"key", KeyJson(*key)}});
  } else {
    console.Text(
        fmt::format("Imported {} ({}): {}.\n", key->record.id, key->record.name, KeyRights(key->record)));
  }
  return kDone;
}

int ShowExpiring(const Console& console, const ExpiringOptions& options) {
  const absl::StatusOr<Nanos> within = ParseDuration(options.within);
  if (!within.ok()) return console.Fail("--within: " + std::string(within.status().message()), "", kUsage);
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  std::vector<KeyInfo> keys;
  KeyQuery query{.limit = 500};
  do {
    const absl::StatusOr<KeyPage> page = store->keyring->admin().Expiring(Operator(), query, *within);
    if (!page.ok()) return console.Fail(page.status());
    keys.insert(keys.end(), page->keys.begin(), page->keys.end());
    query.after = page->next;
  } while (!query.after.empty());
  if (console.json()) {
    Json list = Json::array();
    for (const KeyInfo& key : keys) list.push_back(KeyJson(key));
    console.Document({{"keys", list}});
  } else {
    console.Text(keys.empty() ? "No key ends so soon.\n" : KeyTable(keys, {}, console.colour()));
  }
  return kDone;
}

}  // namespace mcpgate::hosts
