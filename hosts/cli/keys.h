// File: cli/keys.h
//
// mcpgate keys create | list | show, and what all commands on keys share.
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
  std::string principal;
  std::vector<std::string> networks;
  std::string metadata;
};
/// InvalidArgument names the option that is wrong.
absl::StatusOr<KeyRequest> KeyRequestOf(const KeyWish& wish);
/// Issues the key with both audit records around it. A key that was made although its outcome could not be
/// recorded is returned, and `console` says so.
absl::StatusOr<IssuedKey> IssueRecorded(const Console& console, Store& store, const KeyRequest& request);
/// Remarks on a key that no Discord tool will do anything for.
void NoteReach(const Console& console, const KeyRecord& record);

/// NotFound, with what to do, when the directory holds no store.
absl::StatusOr<Store> OpenKeys(const std::string& data);
absl::StatusOr<Store> OpenOrMakeKeys(const std::string& data);
/// `text` itself, or the id inside a whole key that somebody pasted. A pasted key is never repeated.
std::string KeyIdOf(const std::string& text);
/// InvalidArgument when one is neither an id nor "*".
absl::Status AddChannels(const std::vector<std::string>& channels, std::vector<std::string>& resources);
/// The new key, and its token unless it went to `file`.
void ShowCreatedKey(const Console& console, const IssuedKey& key, const std::string& file);
int FailToFindKey(const Console& console, const absl::Status& status);

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

}  // namespace mcpgate::hosts
