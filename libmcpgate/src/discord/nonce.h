// File: discord/nonce.h
//
// What makes a send safe to repeat: within a few minutes Discord answers a second message of the same bot
// with the same enforced nonce with the first one.
#pragma once

#include <string>
#include <string_view>

#include "mcpgate/export.h"
#include "mcpgate/principal.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// 25 characters, Discord's maximum. The same for the same caller (the key's family), channel and
/// `idempotency`; when the caller gave none, `call_id` makes it its own.
MCPGATE_EXPORT std::string SendNonce(const Secret& key, const Principal& principal,
                                     std::string_view channel_id, const std::string* idempotency,
                                     std::string_view call_id);

}  // namespace mcpgate
