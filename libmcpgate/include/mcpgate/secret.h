// File: secret.h
//
// A value that must not be seen: an API key, a pepper, a bot token.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// Secret
///
/// Holds bytes that are wiped when it dies, compares in constant time, and prints as `[secret]`. The bytes
/// can be read only through `RevealSecret()`, so that one search of a code base finds every place that looks.
/// Copying copies the bytes. Not thread-safe for writing; const use is safe.
class MCPGATE_EXPORT Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);
  Secret(const Secret& other);
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// Takes the bytes out of `bytes` and wipes it.
  static Secret Take(std::string& bytes);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Constant time in the content; the length is not secret.
  friend MCPGATE_EXPORT bool operator==(const Secret& a, const Secret& b);
  /// Writes `[secret]`.
  friend MCPGATE_EXPORT std::ostream& operator<<(std::ostream& out, const Secret& secret);
  friend MCPGATE_EXPORT std::string_view RevealSecret(const Secret& secret);

 private:
  void Wipe() noexcept;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// The bytes themselves, valid while `secret` lives. Do not log, store or put them in an error.
MCPGATE_EXPORT std::string_view RevealSecret(const Secret& secret);

/// `bytes` random bytes from the system.
MCPGATE_EXPORT Secret RandomSecret(std::size_t bytes = 32);

/// A key for `purpose` (at most 16 bytes, "digest", "cursor"), derived from a root key by keyed BLAKE2b.
MCPGATE_EXPORT Secret DeriveSecret(const Secret& root_key, std::string_view purpose);

}  // namespace mcpgate
