// Whether this build looks for memory errors or races, which makes everything several times as slow.
#pragma once

namespace mcpgate::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// How many rounds a random test goes: a sanitizer needs to see each path, not to prove the rule again.
constexpr int Rounds(int whole) { return kSanitized ? whole / 5 : whole; }

}  // namespace mcpgate::testing
