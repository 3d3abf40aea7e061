// Tokens made of a key, which end by themselves: /v1/mcp/tokens and /v1/admin/sessions
#include <fmt/format.h>

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

SessionRequest SessionOf(const Json& body, const KeyInfo& parent) {
  SessionRequest session{.parent = parent.record.id,
                         .name = StringOr(body, "name", ""),
                         .lifetime = std::chrono::seconds(IntegerOr(body, "expires_in", kDefaultSession))};
  if (ChangesRights(body)) session.grants = ChangedRights(body, parent.record.grants);
  if (FindArray(body, "networks") != nullptr) session.networks = Texts(body, "networks");
  return session;
}

// Into a file too, called after the session's name.
absl::StatusOr<ApiAnswer> Deliver(const TokenDelivery& tokens, const TenantScope& scope,
                                  const SessionRequest& session) {
  const absl::StatusOr<ProvisionedToken> made = tokens.files->Provision(scope, session, session.name);
  if (!made.ok()) return made.status();
  ApiAnswer answer = IssuedAnswer(made->session);
  const std::string server = fmt::format("mcpgate-{}", made->name);
  answer.body["file"] = made->path;
  answer.body["server"] = server;
  if (tokens.config) answer.body["config"] = tokens.config(server, made->path);
  return answer;
}

// For the caller's own key; what the session may is cut by what the key may, at each call.
absl::StatusOr<ApiAnswer> MintOwn(Keyring& keyring, const TokenDelivery& tokens, const ApiRequest& request) {
  const TenantScope scope = TenantScope::Of(request.caller);
  const absl::StatusOr<KeyInfo> own = keyring.admin().Show(scope, request.caller.key_id);
  if (!own.ok()) return own.status();
  const SessionRequest session = SessionOf(request.body, *own);
  if (tokens.files != nullptr) return Deliver(tokens, scope, session);
  const absl::StatusOr<IssuedKey> issued = keyring.admin().MintSession(scope, session);
  if (!issued.ok()) return issued.status();
  return IssuedAnswer(*issued);
}

// For somebody else's: the session is handed to the caller, who must be able to grant as much.
absl::StatusOr<ApiAnswer> MintFor(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> parent =
      keyring.admin().Show(request.scope, StringOr(request.body, "key", ""));
  if (!parent.ok()) return parent.status();
  const Grants wanted = ChangesRights(request.body) ? ChangedRights(request.body, parent->record.grants)
                                                    : parent->record.grants;
  if (absl::Status no = CheckMayGrant(request.caller, wanted); !no.ok()) return no;
  const absl::StatusOr<IssuedKey> issued =
      keyring.admin().MintSession(request.scope, SessionOf(request.body, *parent));
  if (!issued.ok()) return issued.status();
  return IssuedAnswer(*issued);
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

absl::StatusOr<ApiAnswer> List(Keyring& keyring, const ApiRequest& request) {
  return KeyPageAnswer(keyring, request,
                       {.tenant = std::string(request.Query("tenant")),
                        .principal = std::string(request.Query("principal")),
                        .parent = std::string(request.Query("parent")),
                        .name = std::string(request.Query("name")),
                        .sessions = true});
}

// What is no session is none here, though there is a key of that id.
absl::StatusOr<KeyInfo> OnlySession(absl::StatusOr<KeyInfo> key, const ApiRequest& request) {
  if (!key.ok() || key->record.kind == KeyKind::kSession) return key;
  return absl::NotFoundError(fmt::format("there is no session {}", request.Path("id")));
}

absl::StatusOr<ApiAnswer> Revoke(Keyring& keyring, const TokenDelivery& tokens, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> session = OnlySession(ShowToChange(keyring, request), request);
  if (!session.ok()) return session.status();
  absl::StatusOr<KeyInfo> ended = keyring.admin().Revoke(request.scope, request.Path("id"));
  // Its file opens nothing any more, and is looked for again if it cannot be removed now.
  if (ended.ok() && tokens.files != nullptr) (void)tokens.files->Sweep();
  return KeyAnswerOr(ended);
}

std::vector<QueryParameter> ListParameters() {
  return {{"tenant", TextSchema(64, "of the operator's view"), "sessions of this tenant alone"},
          {"principal", TextSchema(64, "an id"), "sessions of this principal; with a tenant"},
          {"parent", TextSchema(64, "an id"), "sessions made of this family"},
          {"name", TextSchema(200, "a pattern"), "sessions whose name it matches; * is any text"}};
}

Json ProvisionedSchema() {
  return {
      {"type", "object"},
      {"required", {"key", "token"}},
      {"properties",
       {{"key", {{"$ref", "#/components/schemas/Key"}}},
        {"token", {{"type", "string"}, {"description", "shown this once"}}},
        {"file", {{"type", "string"}, {"description", "of this server's machine, that holds it too"}}},
        {"server", {{"type", "string"}, {"description", "what a client may call this server"}}},
        {"config",
         {{"type", "object"},
          {"description", "for a client on that machine (stdio), and for one that reaches it (http)"}}}}}};
}

}  // namespace

void AddSessionEndpoints(const Backends& backends, Api& api) {
  api.schemas["ProvisionedToken"] = ProvisionedSchema();
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
                          [ring, tokens = backends.tokens](const ApiRequest& request) {
                            return MintOwn(*ring, tokens, request);
                          });
  own.path = "/v1/mcp/tokens";
  own.operation = "mintToken";
  own.action = "self.tokens.create";
  own.role = Role::kReader;
  own.answers = "ProvisionedToken";
  api.endpoints.push_back(std::move(own));
  api.endpoints.push_back(
      Listing(kind, ListParameters(), [ring](const ApiRequest& request) { return List(*ring, request); }));
  api.endpoints.push_back(Showing(kind, [ring](const ApiRequest& request) {
    return ShownKey(*ring, request,
                    OnlySession(ring->admin().Show(request.scope, request.Path("id")), request));
  }));
  api.endpoints.push_back(Revocation(kind, "End a session; it is refused from the answer on, for good",
                                     [ring, tokens = backends.tokens](const ApiRequest& request) {
                                       return Revoke(*ring, tokens, request);
                                     }));
  Endpoint other =
      Creation(kind, "Make such a token for a key that is not yours", SessionSchema(/*names_key=*/true),
               [ring](const ApiRequest& request) { return MintFor(*ring, request); });
  other.operation = "mintSession";
  other.answers = kIssuedKeySchema;
  api.endpoints.push_back(std::move(other));
}

}  // namespace mcpgate::admin
