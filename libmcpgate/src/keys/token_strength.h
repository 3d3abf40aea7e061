#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgate {

/// Whether a token that somebody else made may stand for rights: `shortest` to 512 visible ASCII characters,
/// and at least eight different ones among them. Catches what is obviously no random text, not more.
bool IsStrongToken(std::string_view token, std::size_t shortest);

}  // namespace mcpgate
