#include "mcpgate/secret.h"

#include <sodium.h>

#include <cstring>
#include <ostream>
#include <utility>

namespace mcpgate {

Secret::Secret(std::string_view bytes)
    : bytes_(bytes.empty() ? nullptr : new char[bytes.size()]), size_(bytes.size()) {
  if (size_ != 0) std::memcpy(bytes_.get(), bytes.data(), size_);
}

Secret::Secret(const Secret& other) : Secret(RevealSecret(other)) {}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() noexcept {
  if (bytes_) sodium_memzero(bytes_.get(), size_);
  bytes_.reset();
  size_ = 0;
}

Secret Secret::Take(std::string& bytes) {
  Secret secret(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
  return secret;
}

bool operator==(const Secret& a, const Secret& b) {
  return a.size_ == b.size_ && (a.size_ == 0 || sodium_memcmp(a.bytes_.get(), b.bytes_.get(), a.size_) == 0);
}

std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "[secret]"; }

std::string_view RevealSecret(const Secret& secret) { return {secret.bytes_.get(), secret.size_}; }

}  // namespace mcpgate
