// File: base/signed_note.h
//
// Signed notes (c2sp.org/signed-note) with Ed25519, as transparency logs use them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// NoteVerifier
///
/// Whose signature counts. Immutable; safe for concurrent use.
class MCPGATE_EXPORT NoteVerifier {
 public:
  using PublicKey = std::array<std::uint8_t, 32>;
  /// `name` has neither spaces nor a plus sign.
  NoteVerifier(std::string name, const PublicKey& key);
  /// "name+hash+key". InvalidArgument says what is wrong with it.
  static absl::StatusOr<NoteVerifier> Parse(std::string_view text);

  const std::string& name() const { return name_; }
  std::string ToText() const;
  /// The text that the note signs, with its last line end. InvalidArgument when `note` is not a note,
  /// NotFound when it has no signature by this key, DataLoss when that signature is wrong. Signatures of
  /// others are passed over.
  absl::StatusOr<std::string> Open(std::string_view note) const;

 private:
  friend class NoteSigner;
  std::string KeyHash() const;  ///< 4 bytes

  std::string name_;
  PublicKey key_;
};

/// NoteSigner
///
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT NoteSigner {
 public:
  /// `seed` has 32 bytes.
  NoteSigner(std::string name, const Secret& seed);

  const NoteVerifier& verifier() const { return verifier_; }
  /// `text` ends in a line end and has no empty line at its end.
  std::string Sign(std::string_view text) const;

 private:
  const Secret key_;  ///< libsodium's form: seed and public key
  const NoteVerifier verifier_;
};

}  // namespace mcpgate
