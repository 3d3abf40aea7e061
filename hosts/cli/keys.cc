#include "cli/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/key_view.h"
#include "common/admin_change.h"
#include "common/data_directory.h"
#include "common/secret_source.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kPage = 500;

// A trail's record has one value a name.
void AddField(AdminChange::Fields& fields, std::string name, const std::vector<std::string>& values) {
  if (!values.empty()) fields.emplace_back(std::move(name), JoinText(values));
}

AdminChange::Fields FieldsOf(const KeyRequest& request) {
  AdminChange::Fields fields = {{"name", request.name},
                                {"tenant", request.tenant},
                                {"role", std::string(RoleName(request.grants.role))},
                                {"lifetime", request.lifetime ? DurationText(*request.lifetime) : "never"}};
  AddField(fields, "allow_tools", request.grants.allow_tools);
  AddField(fields, "deny_tools", request.grants.deny_tools);
  AddField(fields, "resources", request.grants.resources);
  AddField(fields, "networks", request.networks);
  if (!request.principal.empty()) fields.emplace_back("principal", request.principal);
  return fields;
}

void ShowToken(const Console& console, const IssuedKey& key) {
  console.Text(fmt::format("Created key {} ({}): {}.\n\n  {}\n\n", key.record.id, key.record.name,
                           KeyRights(key.record), RevealSecret(key.token)));
  console.Text(
      "It is shown this once. Keep it in a file that only you can read, and give the server the file:\n"
      "  MCPGATE_API_KEY_FILE=PATH mcpgate-stdio\n");
}

absl::StatusOr<std::vector<KeyInfo>> AllKeys(Keyring& keyring) {
  std::vector<KeyInfo> all;
  KeyQuery query{.limit = kPage};
  do {
    absl::StatusOr<KeyPage> page = keyring.admin().List(TenantScope::Operator(), query);
    if (!page.ok()) return page.status();
    all.insert(all.end(), page->keys.begin(), page->keys.end());
    query.after = page->next;
  } while (!query.after.empty());
  return all;
}

absl::StatusOr<std::vector<KeyUse>> UsesOf(Keyring& keyring, const std::vector<KeyInfo>& keys) {
  std::vector<KeyUse> uses;
  for (std::size_t first = 0; first < keys.size(); first += kPage) {
    std::vector<std::string> ids;
    for (std::size_t i = first; i < std::min(keys.size(), first + kPage); ++i)
      ids.push_back(keys[i].record.id);
    absl::StatusOr<std::vector<KeyUse>> some = keyring.admin().Uses(TenantScope::Operator(), ids);
    if (!some.ok()) return some.status();
    uses.insert(uses.end(), some->begin(), some->end());
  }
  return uses;
}

bool IsOver(const KeyInfo& key) {
  return key.state == KeyInfo::State::kExpired || key.state == KeyInfo::State::kRevoked;
}

}  // namespace

absl::StatusOr<Store> OpenKeys(const std::string& data) {
  absl::StatusOr<std::string> directory = DataDirectory(data);
  if (!directory.ok()) return directory.status();
  absl::StatusOr<Store> store = OpenStore({.directory = *directory, .create = false});
  if (absl::IsNotFound(store.status())) {
    return absl::NotFoundError(
        fmt::format("there are no keys in {} yet; make one: mcpgate keys create --name NAME", *directory));
  }
  return store;
}

// `text` itself, or the id inside a whole key that somebody pasted. A pasted key is never repeated.
std::string KeyIdOf(const std::string& text) {
  constexpr std::size_t kIdLength = 12;
  for (const char* kind : {"_k_", "_s_"}) {
    const std::size_t mark = text.find(kind);
    if (mark != std::string::npos) return text.substr(mark + 3, kIdLength);
  }
  return text;
}

absl::Status AddChannels(const std::vector<std::string>& channels, std::vector<std::string>& resources) {
  for (const std::string& channel : channels) {
    const bool number =
        !channel.empty() && channel.size() <= 20 &&
        std::all_of(channel.begin(), channel.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number && channel != "*") {
      return absl::InvalidArgumentError(
          "--channel takes a channel id (digits; in Discord: Developer Mode, Copy Channel ID) or '*'");
    }
    resources.push_back("discord:channel:" + channel);
  }
  return absl::OkStatus();
}

void ShowCreatedKey(const Console& console, const IssuedKey& key, const std::string& file) {
  if (console.json()) {
    Json json = {{"key", KeyJson({.record = key.record}, KeyUse())}};
    if (file.empty()) json["token"] = std::string(RevealSecret(key.token));
    if (!file.empty()) json["key_file"] = file;
    return console.Document(json);
  }
  if (file.empty()) return ShowToken(console, key);
  console.Text(
      fmt::format("Created key {} ({}): {}.\nIts token is in {}. Use it:\n"
                  "  MCPGATE_API_KEY_FILE='{}' mcpgate-stdio\n",
                  key.record.id, key.record.name, KeyRights(key.record), file, file));
}

int FailToFindKey(const Console& console, const absl::Status& status) {
  return console.Fail(status, absl::IsNotFound(status) ? "mcpgate keys list --all shows every id" : "");
}

absl::StatusOr<Store> OpenOrMakeKeys(const std::string& data) {
  absl::StatusOr<std::string> directory = DataDirectory(data);
  if (!directory.ok()) return directory.status();
  return OpenStore({.directory = *directory});
}

absl::StatusOr<KeyRequest> KeyRequestOf(const KeyWish& wish) {
  const std::optional<Role> role = ParseRole(wish.role);
  if (!role.has_value()) {
    return absl::InvalidArgumentError("--role is reader, writer, manager, moderator or admin");
  }
  absl::StatusOr<std::optional<Nanos>> lifetime = ParseLifetime(wish.expires);
  if (!lifetime.ok()) {
    return absl::InvalidArgumentError("--expires: " + std::string(lifetime.status().message()));
  }
  KeyRequest request{.name = wish.name,
                     .tenant = wish.tenant,
                     .grants = {*role, wish.allow_tools, wish.deny_tools, wish.resources},
                     .lifetime = *lifetime,
                     .principal = wish.principal,
                     .networks = wish.networks,
                     .metadata = wish.metadata};
  if (absl::Status status = AddChannels(wish.channels, request.grants.resources); !status.ok()) return status;
  return request;
}

absl::StatusOr<IssuedKey> IssueRecorded(const Console& console, Store& store, const KeyRequest& request) {
  absl::StatusOr<AdminChange> change =
      AdminChange::Begin(*store.storage->audit(), "keys.create", "", FieldsOf(request));
  if (!change.ok()) return change.status();
  absl::StatusOr<IssuedKey> key = store.keyring->admin().Issue(TenantScope::Operator(), request);
  const absl::Status recorded = change->End(key.status(), key.ok() ? key->record.id : "");
  if (!recorded.ok()) {
    console.Note("the outcome is missing in the audit trail: " + std::string(recorded.message()));
  }
  return key;
}

void NoteReach(const Console& console, const KeyRecord& record) {
  if (!record.grants.resources.empty()) return;
  console.Note("this key reaches no Discord channel; a key gets channels by --channel ID or --channel '*'");
}

int CreateKey(const Console& console, const CreateKeyOptions& options) {
  absl::StatusOr<KeyRequest> request = KeyRequestOf(options.wish);
  if (!request.ok()) return console.Fail(request.status(), "mcpgate keys create --help", kUsage);
  absl::StatusOr<Store> store = OpenOrMakeKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());

  std::optional<SecretFile> file;
  if (!options.key_file.empty()) {
    absl::StatusOr<SecretFile> made = SecretFile::Create(options.key_file);
    if (!made.ok()) return console.Fail(made.status());
    file.emplace(*std::move(made));
  }
  absl::StatusOr<IssuedKey> key = IssueRecorded(console, *store, *request);
  if (!key.ok()) return console.Fail(key.status());
  const std::string undo = "the key is useless now; revoke it: mcpgate keys revoke " + key->record.id;
  if (file.has_value()) {
    if (absl::Status status = file->Write(key->token); !status.ok()) return console.Fail(status, undo);
  }
  ShowCreatedKey(console, *key, options.key_file);
  if (!console.Flush()) return console.Fail("the result could not be written", file ? "" : undo);
  NoteReach(console, key->record);
  return kDone;
}

int ListKeys(const Console& console, const ListKeysOptions& options) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  absl::StatusOr<std::vector<KeyInfo>> keys = AllKeys(*store->keyring);
  if (!keys.ok()) return console.Fail(keys.status());
  const std::size_t over = options.all ? 0 : std::erase_if(*keys, IsOver);
  const absl::StatusOr<std::vector<KeyUse>> uses = UsesOf(*store->keyring, *keys);
  if (!uses.ok()) return console.Fail(uses.status());
  if (console.json()) {
    Json list = Json::array();
    for (std::size_t i = 0; i < keys->size(); ++i) list.push_back(KeyJson((*keys)[i], (*uses)[i]));
    console.Document({{"keys", list}});
    return kDone;
  }
  console.Text(keys->empty() ? "No keys.\n" : KeyTable(*keys, *uses, console.colour()));
  if (over != 0) console.Note(fmt::format("{} expired or revoked not shown; --all shows them", over));
  return kDone;
}

int ShowKey(const Console& console, const OneKeyOptions& options) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  absl::StatusOr<KeyInfo> key = store->keyring->admin().Show(TenantScope::Operator(), KeyIdOf(options.id));
  if (!key.ok()) return FailToFindKey(console, key.status());
  const absl::StatusOr<std::vector<KeyUse>> uses = UsesOf(*store->keyring, {*key});
  if (!uses.ok()) return console.Fail(uses.status());
  if (console.json()) {
    console.Document({{"key", KeyJson(*key, uses->front())}});
  } else {
    console.Text(KeyFacts(*key, uses->front(), console.colour()));
  }
  return kDone;
}

}  // namespace mcpgate::hosts
