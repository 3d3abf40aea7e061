// File: admin/key_body.h
//
// Keys in requests and answers: what bodies may hold, and what they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "admin/endpoint.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate::admin {

/// The names of the components that describe a key, and a key with its token.
inline constexpr char kKeySchema[] = "Key", kIssuedKeySchema[] = "IssuedKey";
void AddKeySchemas(Api& api);

/// The schema of a body that makes a key, and of one that changes it.
Json NewKeySchema();
Json KeyChangeSchema();
/// Its members that the trail gets.
std::vector<std::string_view> RecordedOfKeys();

KeyRequest KeyRequestOf(const ApiRequest& request);
/// What shall change of `now`. PermissionDenied when the caller has not what they would grant.
absl::StatusOr<KeyChange> KeyChangeOf(const ApiRequest& request, const KeyInfo& now);

/// Strings of a list; empty when there is none.
std::vector<std::string> Texts(const Json& body, std::string_view name);
/// Whether the body speaks of rights, and `rights` with what it says.
bool ChangesRights(const Json& body);
Grants ChangedRights(const Json& body, Grants rights);

/// A key as an answer. The trail gets what it may.
ApiAnswer KeyAnswer(const KeyInfo& key);
absl::StatusOr<ApiAnswer> KeyAnswerOr(const absl::StatusOr<KeyInfo>& key);
/// The same of a key that is looked at, with its use.
absl::StatusOr<ApiAnswer> ShownKey(Keyring& keyring, const ApiRequest& request,
                                   const absl::StatusOr<KeyInfo>& key);
/// A page of what `query` chooses, each with its use; where it begins is said by the request.
absl::StatusOr<ApiAnswer> KeyPageAnswer(Keyring& keyring, const ApiRequest& request, KeyQuery query);
/// With its token.
ApiAnswer IssuedAnswer(const IssuedKey& issued);

/// The key of the request's path, when the caller may change it.
absl::StatusOr<KeyInfo> ShowToChange(Keyring& keyring, const ApiRequest& request);

}  // namespace mcpgate::admin
