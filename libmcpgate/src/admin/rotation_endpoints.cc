// A key's new secret beside the old one.
#include <chrono>

#include "admin/attenuation.h"
#include "admin/key_body.h"
#include "admin/kind.h"
#include "admin/tables.h"

namespace mcpgate::admin {
namespace {

constexpr std::int64_t kDefaultOverlap = 86'400;  // seconds; a day
constexpr std::int64_t kMaxOverlap = 7'776'000;   // seconds; ninety days

// The new secret has the rights of the old one, so who gets it must be able to grant them.
absl::StatusOr<ApiAnswer> Rotate(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  if (absl::Status no = CheckMayGrant(request.caller, key->record.grants); !no.ok()) return no;
  const Nanos overlap = std::chrono::seconds(IntegerOr(request.body, "overlap", kDefaultOverlap));
  const absl::StatusOr<IssuedKey> issued = keyring.admin().Rotate(request.scope, request.Path("id"), overlap);
  if (!issued.ok()) return issued.status();
  return IssuedAnswer(*issued);
}

absl::StatusOr<ApiAnswer> EndRotation(Keyring& keyring, const ApiRequest& request, bool undo) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  return KeyAnswerOr(undo ? keyring.admin().UndoRotation(request.scope, request.Path("id"))
                          : keyring.admin().FinishRotation(request.scope, request.Path("id")));
}

Json RotationSchema() {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"properties",
           {{"overlap",
             {{"type", "integer"},
              {"minimum", 0},
              {"maximum", kMaxOverlap},
              {"description", "seconds that the old secret goes on; a day unless given"}}}}}};
}

}  // namespace

void AddRotationEndpoints(const Backends& backends, Api& api) {
  Keyring* ring = backends.keyring;
  const Kind kind{
      .path = "/v1/admin/api-keys", .action = "admin.keys", .tag = "API keys", .schema = kKeySchema};
  Endpoint rotate =
      Act(kind, "rotate", "rotateApiKey", "Give the key a new secret beside the old one, for a while",
          [ring](const ApiRequest& request) { return Rotate(*ring, request); });
  rotate.body = RotationSchema();
  rotate.recorded = {"overlap"};
  rotate.status = 201;
  rotate.answers = kIssuedKeySchema;
  rotate.has_version = true;
  api.endpoints.push_back(std::move(rotate));
  api.endpoints.push_back(
      Act(kind, "finish", "finishRotation", "End the old secret now",
          [ring](const ApiRequest& request) { return EndRotation(*ring, request, /*undo=*/false); }));
  api.endpoints.push_back(
      Act(kind, "undo", "undoRotation", "Revoke the new secret; the old one goes on as before",
          [ring](const ApiRequest& request) { return EndRotation(*ring, request, /*undo=*/true); }));
}

}  // namespace mcpgate::admin
