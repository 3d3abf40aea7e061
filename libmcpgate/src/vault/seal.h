// File: vault/seal.h
//
// A text sealed for one place under one key.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/secret.h"

namespace mcpgate::vault {

/// What a text is sealed for: all parts must be the same to open it, and none can run into the next.
std::string ContextOf(std::string_view kind, std::initializer_list<std::string_view> parts);

/// XChaCha20-Poly1305 behind a commitment to key and context: without it, bytes could be made that open under
/// two keys, and a wrong key could not be told from damage.
std::string SealText(const Secret& key, std::string_view context, const Secret& text);
/// nullopt when `sealed` was not made with this key and context.
std::optional<Secret> OpenText(const Secret& key, std::string_view context, std::string_view sealed);

}  // namespace mcpgate::vault
