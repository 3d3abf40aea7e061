#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_admin.h"

namespace mcpgate {

/// 1 to 100 characters without control characters.
bool IsKeyName(std::string_view name);
/// 1 to 64 of [a-z0-9-].
bool IsTenantId(std::string_view id);

// InvalidArgument names the field that is wrong and what it may be.
absl::Status CheckGrants(const Grants& grants);
absl::Status CheckKeyName(std::string_view name);
absl::Status CheckLifetime(Nanos lifetime);
/// Each network as its one text.
absl::StatusOr<std::vector<std::string>> CanonicalNetworks(const std::vector<std::string>& networks);
/// The object's one text.
absl::StatusOr<std::string> CanonicalMetadata(std::string_view metadata);
/// The parts that need no store, but for networks and metadata.
absl::Status ValidateKeyRequest(const KeyRequest& request);

}  // namespace mcpgate
