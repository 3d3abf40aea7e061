// File: protocol/envelope.h
//
// From the text of a message to its envelope. Only what will be read becomes a value: of `params._meta`,
// which is most of a small call, only what the protocol asks for.
#pragma once

#include <string_view>
#include <variant>

#include "protocol/message.h"

namespace mcpgate {

/// Reads one message. A rejection of an envelope that has a valid id carries it. The text is checked whole;
/// repeated member names are refused wherever a value is kept.
std::variant<Message, Rejection> ReadMessage(std::string_view text);

/// Whether the text begins as an array does, which is how 2025-03-26 sends a batch.
bool IsBatch(std::string_view text);

}  // namespace mcpgate
