// File: cli/keys.h
//
// mcpgate keys create | list | show | revoke.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/console.h"
#include "common/store.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate::hosts {

/// A new key as the options describe it.
struct KeyWish {
  std::string name;
  std::string tenant = "default";
  std::string role = "reader";
  std::vector<std::string> channels;  ///< ids, or "*"
  std::vector<std::string> resources;
  std::vector<std::string> allow_tools;
  std::vector<std::string> deny_tools;
  std::string expires = "never";
};
/// InvalidArgument names the option that is wrong.
absl::StatusOr<KeyRequest> KeyRequestOf(const KeyWish& wish);
/// Issues the key with both audit records around it. A key that was made although its outcome could not be
/// recorded is returned, and `console` says so.
absl::StatusOr<IssuedKey> IssueRecorded(const Console& console, Store& store, const KeyRequest& request);
/// Remarks on a key that no Discord tool will do anything for.
void NoteReach(const Console& console, const KeyRecord& record);

struct CreateKeyOptions {
  std::string data;
  KeyWish wish;
  std::string key_file;  ///< empty: show the token
};
struct ListKeysOptions {
  std::string data;
  bool all = false;
};
struct OneKeyOptions {
  std::string data;
  std::string id;  ///< an id, or by mistake a whole key, of which only the id is used
};

int CreateKey(const Console& console, const CreateKeyOptions& options);
int ListKeys(const Console& console, const ListKeysOptions& options);
int ShowKey(const Console& console, const OneKeyOptions& options);
int RevokeKey(const Console& console, const OneKeyOptions& options);

}  // namespace mcpgate::hosts
