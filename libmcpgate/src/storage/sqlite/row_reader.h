// File: storage/sqlite/row_reader.h
//
// Rows as they were written, or the column that is not.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/key_record.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// A list of texts as one column: a JSON array, one text for one value.
std::string ListText(const std::vector<std::string>& items);
bool ParseList(std::string_view text, std::vector<std::string>& items);

inline std::string_view View(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// RowReader
///
/// Reads columns one after the other and remembers the first that is not as it was written. Confine to one
/// thread.
class RowReader {
 public:
  explicit RowReader(const Statement& row) : row_(row) {}

  void Take(std::string_view name, std::string& field) {
    const std::optional<std::string_view> text = row_.Text(column_++);
    Require(name, text.has_value() && text->size() <= kMaxColumn);
    if (text) field = std::string(*text);
  }
  void Take(std::string_view name, std::int64_t& field) {
    const std::optional<std::int64_t> number = row_.Integer(column_++);
    Require(name, number.has_value());
    field = number.value_or(0);
  }
  void Take(std::string_view name, std::array<std::uint8_t, 32>& field) {
    const std::optional<std::string_view> blob = row_.Blob(column_++);
    Require(name, blob.has_value() && blob->size() == field.size());
    if (blob && blob->size() == field.size()) std::copy(blob->begin(), blob->end(), field.begin());
  }
  void Take(std::string_view name, Role& field) {
    std::string text;
    Take(name, text);
    const std::optional<Role> role = ParseRole(text);
    Require(name, role.has_value());
    field = role.value_or(Role::kReader);
  }
  void Take(std::string_view name, KeyKind& field) {
    std::string text;
    Take(name, text);
    bool is_known = false;
    for (const KeyKind kind : {KeyKind::kKey, KeyKind::kSession, KeyKind::kBootstrap}) {
      if (text != KeyKindName(kind)) continue;
      field = kind;
      is_known = true;
    }
    Require(name, is_known);
  }
  void Take(std::string_view name, std::vector<std::string>& field) {
    std::string text;
    Take(name, text);
    Require(name, ParseList(text, field));
  }
  std::string_view bad() const { return bad_; }

 private:
  static constexpr std::size_t kMaxColumn = 64 * 1024;

  void Require(std::string_view name, bool holds) {
    if (!holds && bad_.empty()) bad_ = name;
  }

  const Statement& row_;
  int column_ = 0;
  std::string_view bad_;
};

}  // namespace mcpgate::sqlite
