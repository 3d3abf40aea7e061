#include "vault/seal.h"

#include <algorithm>

#include "base/crypto.h"

namespace mcpgate::vault {
namespace {

// One key for each of the two uses.
Digest CommitmentOf(const Secret& key, std::string_view context) {
  return KeyedHash(DeriveSecret(key, "vault commitment"), "vault commitment", context);
}
Secret SealingKey(const Secret& key) { return DeriveSecret(key, "vault seal"); }

}  // namespace

std::string ContextOf(std::string_view kind, std::initializer_list<std::string_view> parts) {
  std::string context = "mcpgate vault 1 ";
  const auto add = [&context](std::string_view part) {
    context += std::to_string(part.size());
    context += ':';
    context += part;
  };
  add(kind);
  for (const std::string_view part : parts) add(part);
  return context;
}

std::string SealText(const Secret& key, std::string_view context, const Secret& text) {
  const Digest commitment = CommitmentOf(key, context);
  return std::string(AsView(commitment)) + Seal(SealingKey(key), context, RevealSecret(text));
}

std::optional<Secret> OpenText(const Secret& key, std::string_view context, std::string_view sealed) {
  Digest shown;
  if (sealed.size() < shown.size()) return std::nullopt;
  std::copy_n(sealed.begin(), shown.size(), shown.begin());
  if (!ConstantTimeEqual(shown, CommitmentOf(key, context))) return std::nullopt;
  std::optional<std::string> text = Unseal(SealingKey(key), context, sealed.substr(shown.size()));
  if (!text) return std::nullopt;
  return Secret::Take(*text);
}

}  // namespace mcpgate::vault
