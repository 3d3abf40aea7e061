#include "storage/sqlite/audit_cursor.h"

#include <optional>

#include "base/crypto.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::size_t kSealedSize = 1 + sizeof(std::uint64_t);

}  // namespace

std::string SealPlace(const Secret& key, std::string_view query, const AuditPlace& place) {
  std::string bytes(1, place.up ? '+' : '-');
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>((place.seq >> shift) & 0xff));
  return Base64UrlEncode(Seal(key, query, bytes));
}

absl::StatusOr<AuditPlace> OpenPlace(const Secret& key, std::string_view query, std::string_view cursor) {
  std::string sealed;
  std::optional<std::string> bytes;
  if (Base64UrlDecode(cursor, sealed)) bytes = Unseal(key, query, sealed);
  if (!bytes || bytes->size() != kSealedSize)
    return absl::InvalidArgumentError(
        "the cursor does not belong to this query; take it from a page of the same filters, or begin without "
        "one");
  AuditPlace place{.up = bytes->front() == '+'};
  for (const char byte : std::string_view(*bytes).substr(1))
    place.seq = place.seq << 8 | static_cast<unsigned char>(byte);
  return place;
}

}  // namespace mcpgate::sqlite
