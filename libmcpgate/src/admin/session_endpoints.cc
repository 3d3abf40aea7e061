// Tokens made of a key, which end by themselves: /v1/mcp/tokens and /v1/admin/sessions
#include <chrono>
#include <utility>

#include "admin/attenuation.h"
#include "admin/key_body.h"
#include "admin/kind.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr std::int64_t kDefaultSession = 43'200;  // seconds; twelve hours

absl::StatusOr<ApiAnswer> Mint(Keyring& keyring, const ApiRequest& request, const KeyInfo& parent) {
  const Json& body = request.body;
  SessionRequest session{.parent = parent.record.id,
                         .name = StringOr(body, "name", ""),
                         .lifetime = std::chrono::seconds(IntegerOr(body, "expires_in", kDefaultSession))};
  if (ChangesRights(body)) session.grants = ChangedRights(body, parent.record.grants);
  if (FindArray(body, "networks") != nullptr) session.networks = Texts(body, "networks");
  const absl::StatusOr<IssuedKey> issued = keyring.admin().MintSession(request.scope, session);
  if (!issued.ok()) return issued.status();
  return IssuedAnswer(*issued);
}

// For the caller's own key; what the session may is cut by what the key may, at each call.
absl::StatusOr<ApiAnswer> MintOwn(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> own =
      keyring.admin().Show(TenantScope::Of(request.caller), request.caller.key_id);
  if (!own.ok()) return own.status();
  return Mint(keyring, request, *own);
}

// For somebody else's: the session is handed to the caller, who must be able to grant as much.
absl::StatusOr<ApiAnswer> MintFor(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> parent =
      keyring.admin().Show(request.scope, StringOr(request.body, "key", ""));
  if (!parent.ok()) return parent.status();
  const Grants wanted = ChangesRights(request.body) ? ChangedRights(request.body, parent->record.grants)
                                                    : parent->record.grants;
  if (absl::Status no = CheckMayGrant(request.caller, wanted); !no.ok()) return no;
  return Mint(keyring, request, *parent);
}

Json SessionMembers() {
  return {{"name", {{"type", "string"}, {"minLength", 1}, {"maxLength", 100}, {"description", "for people"}}},
          {"role", RoleSchema()},
          {"allow_tools", TextListSchema(64, 200, "as of a key; the parent's unless given")},
          {"deny_tools", TextListSchema(64, 200, "as of a key")},
          {"resources", TextListSchema(64, 200, "as of a key")},
          {"networks", TextListSchema(64, 50, "as of a key")},
          {"expires_in",
           {{"type", "integer"},
            {"minimum", 1},
            {"maximum", 7'776'000},
            {"description", "seconds; twelve hours unless given; never longer than its key"}}}};
}

Json SessionSchema(bool names_key) {
  Json members = SessionMembers();
  Json required = {"name"};
  if (names_key) {
    members["key"] = {
        {"type", "string"}, {"minLength", 1}, {"maxLength", 64}, {"description", "the id of its key"}};
    required.push_back("key");
  }
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", std::move(required)},
          {"properties", std::move(members)}};
}

}  // namespace

void AddSessionEndpoints(const Backends& backends, Api& api) {
  Keyring* ring = backends.keyring;
  const Kind kind{.path = "/v1/admin/sessions",
                  .action = "admin.sessions",
                  .tag = "Sessions",
                  .one = "Session",
                  .many = "Sessions",
                  .schema = kKeySchema,
                  .recorded = RecordedOfKeys()};
  Endpoint own = Creation(kind, "Make a token that ends by itself and may at most what your key may",
                          SessionSchema(/*names_key=*/false),
                          [ring](const ApiRequest& request) { return MintOwn(*ring, request); });
  own.path = "/v1/mcp/tokens";
  own.operation = "mintToken";
  own.action = "self.tokens.create";
  own.role = Role::kReader;
  own.answers = kIssuedKeySchema;
  api.endpoints.push_back(std::move(own));
  Endpoint other =
      Creation(kind, "Make such a token for a key that is not yours", SessionSchema(/*names_key=*/true),
               [ring](const ApiRequest& request) { return MintFor(*ring, request); });
  other.operation = "mintSession";
  other.answers = kIssuedKeySchema;
  api.endpoints.push_back(std::move(other));
}

}  // namespace mcpgate::admin
