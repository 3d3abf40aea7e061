#include "protocol/cursor.h"

#include <cstring>

#include "base/crypto.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxCursor = 4096;  // addresses have at most 2,048 bytes

Digest MacOf(const Secret& key, std::string_view list, std::string_view position) {
  return Blake2b(key, "mcpgate cursor").AddField(list).AddField(position).Finish();
}

}  // namespace

std::string SealCursor(const Secret& key, std::string_view list, std::string_view position) {
  const Digest mac = MacOf(key, list, position);
  std::string bytes(AsView(mac));
  bytes += position;
  return Base64UrlEncode(bytes);
}

std::optional<std::string> OpenCursor(const Secret& key, std::string_view list, std::string_view cursor) {
  std::string bytes;
  if (cursor.size() > kMaxCursor || !Base64UrlDecode(cursor, bytes) || bytes.size() < sizeof(Digest)) {
    return std::nullopt;
  }
  Digest mac;
  std::memcpy(mac.data(), bytes.data(), mac.size());
  std::string position = bytes.substr(mac.size());
  if (!ConstantTimeEqual(mac, MacOf(key, list, position))) return std::nullopt;
  return position;
}

}  // namespace mcpgate
