#include "admin/key_body.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "admin/attenuation.h"
#include "admin/kind.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr std::int64_t kMaxLifetime = 3'153'600'000;  // seconds; a hundred years

Json UsedSchema() {
  Json schema = TimeSchema();
  schema["description"] =
      "to the minute, and half a minute late; null: never. In lists, and of one that is asked for";
  return schema;
}

Json KeySchema() {
  const Json text = {{"type", "string"}};
  const Json list = {{"type", "array"}, {"items", text}};
  return {{"type", "object"},
          {"required", {"id", "state"}},
          {"properties",
           {{"id", {{"type", "string"}, {"description", "public; the secret is not among these members"}}},
            {"state", {{"enum", {"live", "expired", "revoked", "disabled", "tampered"}}}},
            {"problem", {{"type", "string"}, {"description", "why it counts as tampered with"}}},
            {"family", {{"type", "string"}, {"description", "limits and history belong to it"}}},
            {"tenant", text},
            {"kind", {{"enum", {"key", "session"}}}},
            {"name", text},
            {"parent",
             {{"type", {"string", "null"}}, {"description", "of a session: the family it was made of"}}},
            {"principal", {{"type", {"string", "null"}}}},
            {"role", text},
            {"allow_tools", list},
            {"deny_tools", list},
            {"resources", list},
            {"networks", list},
            {"created_at", TimeSchema()},
            {"expires_at", TimeSchema()},
            {"revoked_at", TimeSchema()},
            {"disabled_at", TimeSchema()},
            {"last_used_at", UsedSchema()},
            {"uses",
             {{"type", "integer"}, {"description", "how often it was accepted; where last_used_at is told"}}},
            {"version", {{"type", "integer"}}}}}};
}

Json IssuedSchema() {
  return {{"type", "object"},
          {"required", {"key", "token"}},
          {"properties",
           {{"key", {{"$ref", "#/components/schemas/Key"}}},
            {"token", {{"type", "string"}, {"description", "the key itself, shown this once"}}}}}};
}

RecordFields FieldsOf(const KeyRecord& key) {
  RecordFields fields = {{"key", key.id},
                         {"tenant", key.tenant},
                         {"name", key.name},
                         {"role", std::string(RoleName(key.grants.role))}};
  const auto add = [&fields](std::string name, const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& each : list) text += (text.empty() ? "" : ", ") + each;
    if (!text.empty()) fields.emplace_back(std::move(name), std::move(text));
  };
  add("allow_tools", key.grants.allow_tools);
  add("deny_tools", key.grants.deny_tools);
  add("resources", key.grants.resources);
  add("networks", key.networks);
  if (!key.parent.empty()) fields.emplace_back("parent", key.parent);
  if (!key.principal.empty()) fields.emplace_back("principal", key.principal);
  return fields;
}

}  // namespace

void AddKeySchemas(Api& api) {
  api.schemas[kKeySchema] = KeySchema();
  api.schemas["KeyPage"] = PageSchema(kKeySchema);
  api.schemas[kIssuedKeySchema] = IssuedSchema();
}

std::vector<std::string_view> RecordedOfKeys() {
  return {"name",      "tenant",   "principal",  "role",       "allow_tools", "deny_tools",
          "resources", "networks", "expires_in", "expires_at", "disabled"};
}

Json NewKeySchema() {
  return {
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"name"}},
      {"properties",
       {{"name", {{"type", "string"}, {"minLength", 1}, {"maxLength", 100}, {"description", "for people"}}},
        {"tenant",
         {{"type", "string"}, {"pattern", "^[a-z0-9-]{1,64}$"}, {"description", "your own unless given"}}},
        {"principal", {{"type", "string"}, {"pattern", "^[A-Za-z0-9._@-]{1,64}$"}}},
        {"role", RoleSchema()},
        {"allow_tools", TextListSchema(64, 200, "tools beyond the role; patterns with *")},
        {"deny_tools", TextListSchema(64, 200, "tools taken away; a deny always wins")},
        {"resources", TextListSchema(64, 200, "what tools may touch, such as discord:channel:*")},
        {"networks", TextListSchema(64, 50, "addresses it may come from, such as 203.0.113.0/24")},
        {"expires_in",
         {{"type", "integer"},
          {"minimum", 1},
          {"maximum", kMaxLifetime},
          {"description", "seconds; never unless given"}}},
        {"metadata", {{"type", "object"}, {"description", "yours; at most 8 KiB of JSON"}}}}}};
}

Json KeyChangeSchema() {
  Json schema = NewKeySchema();
  Json& members = schema["properties"];
  for (const char* fixed : {"tenant", "principal", "expires_in"}) members.erase(fixed);
  members["expires_at"] = {{"type", "string"},
                           {"maxLength", 40},
                           {"description", "RFC 3339; earlier than it is now, never later"}};
  members["disabled"] = {{"type", "boolean"},
                         {"description", "refused until it is enabled; its sessions with it"}};
  schema.erase("required");
  schema["minProperties"] = 1;
  return schema;
}

std::vector<std::string> Texts(const Json& body, std::string_view name) {
  std::vector<std::string> texts;
  if (const Json* list = FindArray(body, name)) {
    for (const Json& text : *list) texts.push_back(text.get<std::string>());
  }
  return texts;
}

KeyRequest KeyRequestOf(const ApiRequest& request) {
  const Json& body = request.body;
  KeyRequest key{.name = StringOr(body, "name", ""),
                 .tenant = TenantOf(request, StringOr(body, "tenant", "")),
                 .grants = {.role = RoleOf(StringOr(body, "role", "reader")).value_or(Role::kReader),
                            .allow_tools = Texts(body, "allow_tools"),
                            .deny_tools = Texts(body, "deny_tools"),
                            .resources = Texts(body, "resources")},
                 .principal = StringOr(body, "principal", ""),
                 .networks = Texts(body, "networks")};
  if (const std::int64_t seconds = IntegerOr(body, "expires_in", 0); seconds > 0) {
    key.lifetime = std::chrono::seconds(seconds);
  }
  if (const Json* metadata = FindObject(body, "metadata")) key.metadata = DumpJson(*metadata);
  return key;
}

bool ChangesRights(const Json& body) {
  for (const char* name : {"role", "allow_tools", "deny_tools", "resources"}) {
    if (FindMember(body, name) != nullptr) return true;
  }
  return false;
}

Grants ChangedRights(const Json& body, Grants rights) {
  if (const std::string* role = FindString(body, "role")) rights.role = RoleOf(*role).value_or(rights.role);
  if (FindArray(body, "allow_tools") != nullptr) rights.allow_tools = Texts(body, "allow_tools");
  if (FindArray(body, "deny_tools") != nullptr) rights.deny_tools = Texts(body, "deny_tools");
  if (FindArray(body, "resources") != nullptr) rights.resources = Texts(body, "resources");
  return rights;
}

absl::StatusOr<KeyChange> KeyChangeOf(const ApiRequest& request, const KeyInfo& now) {
  const Json& body = request.body;
  KeyChange change{.if_version = request.if_version};
  if (const std::string* name = FindString(body, "name")) change.name = *name;
  if (FindArray(body, "networks") != nullptr) change.networks = Texts(body, "networks");
  if (const Json* metadata = FindObject(body, "metadata")) change.metadata = DumpJson(*metadata);
  if (const std::string* text = FindString(body, "expires_at")) {
    const absl::StatusOr<WallTime> time = ParseTime("expires_at", *text);
    if (!time.ok()) return time.status();
    change.expires_at = std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count();
  }
  if (ChangesRights(body)) {
    change.grants = ChangedRights(body, now.record.grants);
    // What was read must still be so when it is written.
    if (!change.if_version) change.if_version = now.record.version;
    if (absl::Status no = CheckMayGrant(request.caller, *change.grants); !no.ok()) return no;
  }
  return change;
}

ApiAnswer KeyAnswer(const KeyInfo& key) {
  return {.body = KeyJson(key), .version = key.record.version, .audit_fields = FieldsOf(key.record)};
}

absl::StatusOr<ApiAnswer> KeyAnswerOr(const absl::StatusOr<KeyInfo>& key) {
  if (!key.ok()) return key.status();
  return KeyAnswer(*key);
}

absl::StatusOr<ApiAnswer> ShownKey(Keyring& keyring, const ApiRequest& request,
                                   const absl::StatusOr<KeyInfo>& key) {
  if (!key.ok()) return key.status();
  const absl::StatusOr<std::vector<KeyUse>> uses = keyring.admin().Uses(request.scope, {&key->record.id, 1});
  if (!uses.ok()) return uses.status();
  ApiAnswer answer = KeyAnswer(*key);
  answer.body = KeyJson(*key, uses->front());
  return answer;
}

absl::StatusOr<ApiAnswer> KeyPageAnswer(Keyring& keyring, const ApiRequest& request, KeyQuery query) {
  const absl::StatusOr<Place> place = PlaceIn(request);
  if (!place.ok()) return place.status();
  query.after = place->after;
  query.limit = place->limit;
  const absl::StatusOr<KeyPage> page = keyring.admin().List(request.scope, query);
  if (!page.ok()) return page.status();
  std::vector<std::string> ids;
  for (const KeyInfo& key : page->keys) ids.push_back(key.record.id);
  const absl::StatusOr<std::vector<KeyUse>> uses = keyring.admin().Uses(request.scope, ids);
  if (!uses.ok()) return uses.status();
  Json items = Json::array();
  for (std::size_t i = 0; i < ids.size(); ++i) items.push_back(KeyJson(page->keys[i], (*uses)[i]));
  return ApiAnswer{.body = PageJson(std::move(items), CursorOf(page->next))};
}

ApiAnswer IssuedAnswer(const IssuedKey& issued) {
  return {.body = {{"key", KeyJson({.record = issued.record})},
                   {"token", std::string(RevealSecret(issued.token))}},
          .version = issued.record.version,
          .location = fmt::format("/v1/admin/api-keys/{}", issued.record.id),
          .audit_fields = FieldsOf(issued.record)};
}

absl::StatusOr<KeyInfo> ShowToChange(Keyring& keyring, const ApiRequest& request) {
  absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, request.Path("id"));
  if (!key.ok()) return key;
  if (absl::Status no = CheckMayTouch(request.caller, key->record.grants); !no.ok()) return no;
  if (request.if_version && *request.if_version != key->record.version)
    return absl::AbortedError("the key has been changed since it had that version");
  return key;
}

}  // namespace mcpgate::admin
