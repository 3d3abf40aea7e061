#include "storage/sqlite/row_reader.h"

#include "mcpgate/json.h"

namespace mcpgate::sqlite {

std::string ListText(const std::vector<std::string>& items) {
  Json list = Json::array();
  for (const std::string& item : items) list.push_back(item);
  return DumpJson(list);
}

bool ParseList(std::string_view text, std::vector<std::string>& items) {
  const absl::StatusOr<Json> list = ParseJson(text);
  if (!list.ok() || !list->is_array()) return false;
  for (const Json& item : *list) {
    const std::string* pattern = item.get_ptr<const std::string*>();
    if (pattern == nullptr) return false;
    items.push_back(*pattern);
  }
  return ListText(items) == text;  // one text for one value, or a changed row could pass
}

}  // namespace mcpgate::sqlite
