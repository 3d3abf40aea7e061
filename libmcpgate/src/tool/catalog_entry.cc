#include "tool/catalog_entry.h"

#include <fmt/format.h>

#include <algorithm>

namespace mcpgate {
namespace {

constexpr std::size_t kMaxNameLength = 128;

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

}  // namespace

absl::Status CheckEntryName(std::string_view what, std::string_view name) {
  if (!name.empty() && name.size() <= kMaxNameLength && std::all_of(name.begin(), name.end(), IsNameChar)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" cannot name a {}: use 1 to {} characters of A-Z a-z 0-9 _ . -",
                  name.substr(0, kMaxNameLength), what, kMaxNameLength));
}

void AddTexts(Json& entry, ListingForm form, std::string_view title, std::string_view description) {
  if (!description.empty()) entry["description"] = description;
  if (!title.empty() && form != ListingForm::k2025_03) entry["title"] = title;
}

void AddIcons(Json& entry, ListingForm form, const Json& icons) {
  if (icons.is_array() && form >= ListingForm::k2025_11) entry["icons"] = icons;
}

}  // namespace mcpgate
