// The embeds of a message, checked as Discord checks them.
#pragma once

#include "mcpgate/json.h"
#include "sandbox/reply.h"

namespace mcpgate::sandbox {

/// The embeds as they will be shown; what is wrong goes to `errors`.
Json ReadEmbeds(const Json& embeds, FormErrors& errors);

}  // namespace mcpgate::sandbox
