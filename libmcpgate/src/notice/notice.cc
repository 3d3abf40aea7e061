#include "mcpgate/notice.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace mcpgate {
namespace {

constexpr std::size_t kMaxKind = 40, kMaxText = 500, kMaxTenant = 200, kMaxFields = 16;

bool IsKind(std::string_view kind) {
  return !kind.empty() && kind.size() <= kMaxKind && std::all_of(kind.begin(), kind.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

absl::Status Bad(std::string_view member, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("Notice::{}: {}", member, why));
}

std::string TimeText(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

absl::Status ValidateNotice(const Notice& notice) {
  if (!IsKind(notice.kind)) return Bad("kind", "1 to 40 of a-z, 0-9, '.', '-' and '_'");
  if (notice.once.size() > kMaxText) return Bad("once", "at most 500 bytes");
  if (notice.tenant.size() > kMaxTenant) return Bad("tenant", "at most 200 bytes");
  if (notice.summary.empty() || notice.summary.size() > kMaxText) return Bad("summary", "1 to 500 bytes");
  if (notice.summary.find_first_of("\r\n") != std::string::npos) return Bad("summary", "one line");
  if (notice.fields.size() > kMaxFields) return Bad("fields", "at most 16");
  for (const auto& [name, value] : notice.fields) {
    if (!IsKind(name) || name.size() + value.size() > kMaxText)
      return Bad("fields", fmt::format("'{}': a name like a kind, 500 bytes with its value", name));
  }
  return absl::OkStatus();
}

Json NoticeJson(const NoticeParcel& parcel) {
  Json data = Json::object();
  for (const auto& [name, value] : parcel.notice.fields) data[name] = value;
  data["id"] = parcel.id;
  data["summary"] = parcel.notice.summary;
  if (!parcel.notice.tenant.empty()) data["tenant"] = parcel.notice.tenant;
  return {{"type", parcel.notice.kind}, {"timestamp", TimeText(parcel.made)}, {"data", std::move(data)}};
}

}  // namespace mcpgate
