#include "base/signed_note.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/json_text.h"
#include "base/merkle.h"

namespace mcpgate {
namespace {

constexpr char kEd25519 = 0x01;
constexpr std::size_t kHashSize = 4;
constexpr std::size_t kMaxNote = 1u << 20;
constexpr std::size_t kMaxSignatures = 100;
constexpr std::string_view kDash = "\u2014 ";  // begins each signature line

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool IsName(std::string_view name) {
  return !name.empty() && IsUtf8(name) &&
         std::none_of(name.begin(), name.end(), [](char c) { return (c >= 0 && c <= ' ') || c == '+'; });
}

Secret KeyOf(const Secret& seed) {
  std::string key(crypto_sign_SECRETKEYBYTES, '\0');
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> unused;
  crypto_sign_seed_keypair(unused.data(), reinterpret_cast<unsigned char*>(key.data()),
                           Bytes(RevealSecret(seed)));
  return Secret::Take(key);
}

NoteVerifier::PublicKey PublicOf(const Secret& key) {
  NoteVerifier::PublicKey out;
  crypto_sign_ed25519_sk_to_pk(out.data(), Bytes(RevealSecret(key)));
  return out;
}

absl::Status NotAKey(std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("not a verifier key (name+hash+key, as `mcpgate audit key` prints it): {}", why));
}

absl::Status NotANote(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("not a signed note: {}", why));
}

}  // namespace

NoteVerifier::NoteVerifier(std::string name, const PublicKey& key) : name_(std::move(name)), key_(key) {}

std::string NoteVerifier::KeyHash() const {
  std::string bytes = name_ + '\n' + kEd25519;
  bytes.append(reinterpret_cast<const char*>(key_.data()), key_.size());
  return std::string(AsView(Sha256(bytes)).substr(0, kHashSize));
}

std::string NoteVerifier::ToText() const {
  const std::string hash = KeyHash();
  std::string key(1, kEd25519);
  key.append(reinterpret_cast<const char*>(key_.data()), key_.size());
  return fmt::format("{}+{}+{}", name_, HexEncode({Bytes(hash), hash.size()}), Base64Encode(key));
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return NotAKey("it has not three parts");
  const std::string_view name = text.substr(0, first);
  if (!IsName(name)) return NotAKey("its name is empty or has a space");
  std::string bytes;
  PublicKey key;
  if (!Base64Decode(text.substr(second + 1), bytes) || bytes.size() != 1 + key.size() ||
      bytes.front() != kEd25519)
    return NotAKey("its last part is no Ed25519 key");
  std::copy(bytes.begin() + 1, bytes.end(), key.begin());
  NoteVerifier verifier((std::string(name)), key);
  if (verifier.ToText() != text) return NotAKey("its hash does not fit");
  return verifier;
}

absl::StatusOr<std::string> NoteVerifier::Open(std::string_view note) const {
  const std::size_t split = note.rfind("\n\n");
  if (note.size() > kMaxNote || !IsUtf8(note)) return NotANote("it is too large or not UTF-8");
  if (split == note.npos || !note.ends_with('\n'))
    return NotANote("there is no blank line before signatures");
  const std::string_view text = note.substr(0, split + 1);
  std::string_view lines = note.substr(split + 2);
  if (lines.empty()) return NotANote("it has no signature");
  for (std::size_t count = 0; !lines.empty(); ++count) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    const std::size_t space = line.rfind(' ');
    std::string bytes;
    if (count == kMaxSignatures || !line.starts_with(kDash) || space < kDash.size() ||
        !Base64Decode(line.substr(space + 1), bytes) || bytes.size() <= kHashSize)
      return NotANote("a signature line is malformed");
    const std::string_view name = line.substr(kDash.size(), space - kDash.size());
    if (name != name_ || bytes.substr(0, kHashSize) != KeyHash()) continue;
    const bool good =
        bytes.size() == kHashSize + crypto_sign_BYTES &&
        crypto_sign_verify_detached(Bytes(bytes) + kHashSize, Bytes(text), text.size(), key_.data()) == 0;
    if (good) return std::string(text);
    return absl::DataLossError(fmt::format("the signature of {} is wrong: the note was changed", name_));
  }
  return absl::NotFoundError(fmt::format("the note is not signed by {}", ToText()));
}

NoteSigner::NoteSigner(std::string name, const Secret& seed)
    : key_(KeyOf(seed)), verifier_(std::move(name), PublicOf(key_)) {}

std::string NoteSigner::Sign(std::string_view text) const {
  std::string bytes = verifier_.KeyHash();
  bytes.resize(kHashSize + crypto_sign_BYTES);
  crypto_sign_detached(reinterpret_cast<unsigned char*>(bytes.data()) + kHashSize, nullptr, Bytes(text),
                       text.size(), Bytes(RevealSecret(key_)));
  return fmt::format("{}\n{}{} {}\n", text, kDash, verifier_.name(), Base64Encode(bytes));
}

}  // namespace mcpgate
