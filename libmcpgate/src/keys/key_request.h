#pragma once

#include "absl/status/status.h"
#include "mcpgate/key_store.h"

namespace mcpgate {

/// InvalidArgument names the field that is wrong and what it may be.
absl::Status ValidateKeyRequest(const KeyRequest& request);

}  // namespace mcpgate
