// File: storage/sqlite/data_directory.h
//
// The directory that holds everything, and the root key in it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/secret.h"

namespace mcpgate::sqlite {

/// Makes `path` with mode 0700 when it is missing and `create`. FailedPrecondition when it is not a
/// directory, belongs to somebody else or can be read by others; NotFound when missing and not to be made.
absl::Status PrepareDirectory(const std::string& path, bool create);

/// The directory's 32 bytes, made when missing and `create`. Processes that race for it end up with the same
/// ones. FailedPrecondition when the file can be read by others, has another size, or is missing beside
/// databases that were made under it.
absl::StatusOr<Secret> LoadRootKey(const std::string& directory, bool create);

/// Makes an empty file that only its owner can read, unless there is one.
absl::Status CreatePrivateFile(const std::string& path);

}  // namespace mcpgate::sqlite
