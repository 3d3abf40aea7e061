// File: cli/key_view.h
//
// A key as it is shown. Never its secret.
#pragma once

#include <string>
#include <vector>

#include "common/table.h"
#include "mcpgate/json.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate::hosts {

Json KeyJson(const KeyInfo& key);
/// The same, with when it was last used and how often.
Json KeyJson(const KeyInfo& key, const KeyUse& use);
/// A row a key, for `keys list`. `uses` are those of `keys`, or empty: then they are not told.
std::string KeyTable(const std::vector<KeyInfo>& keys, const std::vector<KeyUse>& uses, bool colour);
/// Everything about one key, for `keys show`.
std::string KeyFacts(const KeyInfo& key, const KeyUse& use, bool colour);
/// "role writer, reaches #123, #456, expires never".
std::string KeyRights(const KeyRecord& record);
/// "a, b, c".
std::string JoinText(const std::vector<std::string>& parts);

}  // namespace mcpgate::hosts
