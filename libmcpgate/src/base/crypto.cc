#include "base/crypto.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

namespace mcpgate {
namespace {

// sodium_init is idempotent and thread-safe; a machine without randomness must not serve.
void RequireSodium() {
  static const int ready = sodium_init();
  if (ready < 0) std::abort();
}

crypto_generichash_blake2b_state* StateOf(std::array<unsigned char, 384>& bytes) {
  return reinterpret_cast<crypto_generichash_blake2b_state*>(bytes.data());
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

static_assert(sizeof(crypto_generichash_blake2b_state) <= 384);

Blake2b::Blake2b(const Secret& key, std::string_view personal) {
  RequireSodium();
  std::array<unsigned char, crypto_generichash_blake2b_PERSONALBYTES> name{};
  std::copy_n(personal.begin(), std::min(personal.size(), name.size()), name.begin());
  const std::string_view bytes = RevealSecret(key);
  crypto_generichash_blake2b_init_salt_personal(StateOf(state_), Bytes(bytes), bytes.size(), sizeof(Digest),
                                                nullptr, name.data());
}

Blake2b& Blake2b::Add(std::string_view part) {
  crypto_generichash_blake2b_update(StateOf(state_), Bytes(part), part.size());
  return *this;
}

Blake2b& Blake2b::AddField(std::string_view part) {
  return AddNumber(static_cast<std::int64_t>(part.size())).Add(part);
}

Blake2b& Blake2b::AddNumber(std::int64_t number) {
  std::array<char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>((static_cast<std::uint64_t>(number) >> (8 * i)) & 0xff);
  return Add({bytes.data(), bytes.size()});
}

Digest Blake2b::Finish() {
  Digest digest;
  crypto_generichash_blake2b_final(StateOf(state_), digest.data(), digest.size());
  sodium_memzero(state_.data(), state_.size());
  return digest;
}

Digest KeyedHash(const Secret& key, std::string_view personal, std::string_view message) {
  return Blake2b(key, personal).Add(message).Finish();
}

Digest HmacSha256(const Secret& key, std::string_view message) {
  const std::string_view bytes = RevealSecret(key);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  Digest digest;
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

bool HexDecode(std::string_view text, Digest& digest) {
  std::size_t size = 0;
  return text.size() == 2 * digest.size() &&
         sodium_hex2bin(digest.data(), digest.size(), text.data(), text.size(), nullptr, &size, nullptr) ==
             0 &&
         size == digest.size();
}

bool ConstantTimeEqual(const Digest& a, const Digest& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

ShortTag ShortTagOf(const Secret& key, std::string_view text) {
  static_assert(std::tuple_size_v<ShortTag> == crypto_shorthash_siphashx24_BYTES);
  ShortTag tag;
  crypto_shorthash_siphashx24(tag.data(), Bytes(text), text.size(), Bytes(RevealSecret(key)));
  return tag;
}

bool ConstantTimeEqual(const ShortTag& a, const ShortTag& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void FillRandom(std::span<std::uint8_t> bytes) {
  RequireSodium();
  randombytes_buf(bytes.data(), bytes.size());
}

std::string RandomText(std::size_t size) {
  std::string bytes(size, '\0');
  RequireSodium();
  randombytes_buf(bytes.data(), bytes.size());
  return Base64UrlEncode(bytes);
}

Secret RandomSecret(std::size_t size) {
  std::string bytes(size, '\0');
  RequireSodium();
  randombytes_buf(bytes.data(), bytes.size());
  return Secret::Take(bytes);
}

Secret DeriveSecret(const Secret& root_key, std::string_view purpose) {
  Digest digest = KeyedHash(root_key, purpose, "mcpgate derived key v1");
  Secret secret(AsView(digest));
  sodium_memzero(digest.data(), digest.size());
  return secret;
}

std::string HexEncode(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

namespace {

std::string EncodeBase64(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), Bytes(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}

bool DecodeBase64(std::string_view text, std::string& bytes, int variant) {
  bytes.assign(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, &end, variant);
  bytes.resize(failed != 0 ? 0 : size);
  return failed == 0 && end == text.data() + text.size();
}

}  // namespace

std::string Base64Encode(std::string_view bytes) {
  return EncodeBase64(bytes, sodium_base64_VARIANT_ORIGINAL);
}
bool Base64Decode(std::string_view text, std::string& bytes) {
  return DecodeBase64(text, bytes, sodium_base64_VARIANT_ORIGINAL);
}
std::string Base64UrlEncode(std::string_view bytes) {
  return EncodeBase64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
bool Base64UrlDecode(std::string_view text, std::string& bytes) {
  return DecodeBase64(text, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string Seal(const Secret& key, std::string_view context, std::string_view message) {
  RequireSodium();
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  std::string sealed(kNonce + message.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  randombytes_buf(out, kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonce, nullptr, Bytes(message), message.size(),
                                             Bytes(context), context.size(), nullptr, out,
                                             Bytes(RevealSecret(key)));
  return sealed;
}

std::optional<std::string> Unseal(const Secret& key, std::string_view context, std::string_view sealed) {
  RequireSodium();
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (sealed.size() < kNonce + kTag) return std::nullopt;
  std::string message(sealed.size() - kNonce - kTag, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(message.data()), nullptr, nullptr, Bytes(sealed) + kNonce,
      sealed.size() - kNonce, Bytes(context), context.size(), Bytes(sealed), Bytes(RevealSecret(key)));
  if (failed != 0) return std::nullopt;
  return message;
}

std::optional<Secret> PassphraseKey(const Secret& passphrase, std::string_view salt, std::int64_t passes,
                                    std::int64_t memory) {
  RequireSodium();
  constexpr std::int64_t kMostPasses = 64, kMostMemory = 1 << 30;
  if (salt.size() != crypto_pwhash_argon2id_SALTBYTES || passes < 1 || passes > kMostPasses ||
      memory < std::int64_t{crypto_pwhash_argon2id_MEMLIMIT_MIN} || memory > kMostMemory)
    return std::nullopt;
  std::string key(32, '\0');
  const std::string_view text = RevealSecret(passphrase);
  const int failed =
      crypto_pwhash_argon2id(reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(),
                             text.size(), Bytes(salt), static_cast<unsigned long long>(passes),
                             static_cast<std::size_t>(memory), crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (failed != 0) return std::nullopt;
  return Secret::Take(key);
}

}  // namespace mcpgate
