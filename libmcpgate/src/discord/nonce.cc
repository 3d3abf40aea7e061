#include "discord/nonce.h"

#include "base/crypto.h"

namespace mcpgate {

std::string SendNonce(const Secret& key, const Principal& principal, std::string_view channel_id,
                      const std::string* idempotency, std::string_view call_id) {
  constexpr std::size_t kLength = 25;
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  Blake2b hash(key, "discord nonce");
  hash.AddField(principal.tenant).AddField(principal.family).AddField(channel_id);
  // A caller cannot choose another call's id.
  hash.AddField(idempotency != nullptr ? "key" : "call");
  hash.AddField(idempotency != nullptr ? std::string_view(*idempotency) : call_id);
  const Digest digest = hash.Finish();
  std::string nonce;
  for (std::size_t i = 0; i < kLength; ++i) nonce += kAlphabet[digest[i] % kAlphabet.size()];
  return nonce;
}

}  // namespace mcpgate
