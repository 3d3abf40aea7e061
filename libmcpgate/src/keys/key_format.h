// The text of a key: <brand>_<kind>_<id:12>_<secret:33><crc:6>; kind is k, s (session) or b (bootstrap).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/key_record.h"
#include "mcpgate/secret.h"

namespace mcpgate {

inline constexpr std::size_t kKeyIdLength = 12;

bool IsBrand(std::string_view brand);
bool IsKeyId(std::string_view id);
std::string NewKeyId();

/// Where the id would stand if `token` is a key of this brand: its length is checked and nothing else.
std::optional<std::string_view> ClaimedId(std::string_view brand, std::string_view token);

/// A fresh token for `id`, with 192 random bits.
Secret MakeToken(std::string_view brand, KeyKind kind, std::string_view id);
/// The id inside `token`, or nullopt when the token has not the form: length, then alphabet, then CRC. The
/// view points into `token`.
std::optional<std::string_view> ParseToken(std::string_view brand, std::string_view token);

}  // namespace mcpgate
