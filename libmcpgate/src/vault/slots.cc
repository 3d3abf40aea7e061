#include "vault/slots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "vault/seal.h"

namespace mcpgate::vault {
namespace {

constexpr std::size_t kKeyBytes = 32, kSaltBytes = 16, kLeastPassphrase = 12, kMostPassphrase = 1024;

std::string ContextOfSlot(const VaultSlot& slot) {
  return ContextOf("slot", {slot.id, std::to_string(slot.root), slot.is_passphrase ? "passphrase" : "key",
                            slot.salt, std::to_string(slot.passes), std::to_string(slot.memory)});
}

std::optional<Secret> KeyOfSlot(const VaultSlot& slot, const VaultUnlock& unlock) {
  if (unlock.is_passphrase) return PassphraseKey(unlock.secret, slot.salt, slot.passes, slot.memory);
  return DeriveSecret(unlock.secret, "vault slot");
}

std::string RandomSalt() {
  std::array<std::uint8_t, kSaltBytes> salt;
  FillRandom(salt);
  return {salt.begin(), salt.end()};
}

}  // namespace

absl::Status CheckUnlock(const VaultUnlock& unlock) {
  const std::size_t size = unlock.secret.size();
  if (!unlock.is_passphrase && size != kKeyBytes)
    return absl::InvalidArgumentError(fmt::format("the vault's key: {} bytes, must be {}", size, kKeyBytes));
  if (unlock.is_passphrase && (size < kLeastPassphrase || size > kMostPassphrase))
    return absl::InvalidArgumentError(
        fmt::format("the vault's passphrase: must have {} to {} bytes", kLeastPassphrase, kMostPassphrase));
  return absl::OkStatus();
}

absl::StatusOr<VaultSlot> MakeSlot(const VaultUnlock& unlock, const PassphraseCost& cost, std::int64_t number,
                                   const Secret& root) {
  VaultSlot slot{.id = RandomText(9), .root = number, .is_passphrase = unlock.is_passphrase};
  if (slot.is_passphrase) {
    slot.salt = RandomSalt();
    slot.passes = cost.passes;
    slot.memory = cost.memory;
  }
  const std::optional<Secret> key = KeyOfSlot(slot, unlock);
  if (!key)
    return absl::ResourceExhaustedError(
        fmt::format("argon2id with {} passes over {} KiB: out of bounds, or there is no such memory",
                    cost.passes, cost.memory >> 10));
  slot.wrapped = SealText(*key, ContextOfSlot(slot), root);
  return slot;
}

std::optional<Secret> OpenSlot(const VaultSlot& slot, const VaultUnlock& unlock) {
  if (slot.is_passphrase != unlock.is_passphrase) return std::nullopt;
  const std::optional<Secret> key = KeyOfSlot(slot, unlock);
  if (!key) return std::nullopt;
  return OpenText(*key, ContextOfSlot(slot), slot.wrapped);
}

std::int64_t Roots::newest() const {
  std::int64_t newest = 0;
  for (const VaultSlot& slot : slots) newest = std::max(newest, slot.root);
  return newest;
}

bool Roots::IsMoving() const { return !OldIds().empty(); }

std::vector<std::string> Roots::Ids() const {
  std::vector<std::string> ids;
  for (const VaultSlot& slot : slots) ids.push_back(slot.id);
  return ids;
}

std::vector<std::string> Roots::OldIds() const {
  std::vector<std::string> ids;
  for (const VaultSlot& slot : slots) {
    if (slot.root < newest()) ids.push_back(slot.id);
  }
  return ids;
}

const Secret* Roots::Find(std::int64_t number) const {
  const auto found = open.find(number);
  return found == open.end() ? nullptr : &found->second;
}

Roots OpenSlots(std::vector<VaultSlot> slots, const VaultUnlock& unlock) {
  Roots roots{.slots = std::move(slots)};
  for (const VaultSlot& slot : roots.slots) {
    if (roots.open.contains(slot.root)) continue;
    if (std::optional<Secret> root = OpenSlot(slot, unlock)) roots.open.emplace(slot.root, *std::move(root));
  }
  return roots;
}

}  // namespace mcpgate::vault
