// What a fuzz target asks of the code under it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "mcpgate/json.h"

/// One input. Returns 0. Whatever an input does, it must not crash and every Require must hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mcpgate::fuzz {

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::string_view TextOf(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

/// Whether `value` comes back when it is written and read again.
inline bool Survives(const Json& value) {
  const absl::StatusOr<Json> again = ParseJson(DumpJson(value));
  return again.ok() && *again == value;
}

/// Takes the first line off, without its end.
inline std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

}  // namespace mcpgate::fuzz
