// File: common/table.h
//
// Rows for people, in columns that line up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgate::hosts {

/// How a cell looks where colour is wanted.
enum class Tone { kPlain, kGood, kWarning, kBad, kFaint };

struct Cell {
  Cell(std::string content, Tone look = Tone::kPlain) : text(std::move(content)), tone(look) {}
  Cell(const char* content) : text(content) {}
  std::string text;  ///< made printable when rendered
  Tone tone;
};

/// `text` in `tone`, or as it is when colour is not wanted.
std::string Tinted(std::string_view text, Tone tone, bool colour);

/// Whether `fd` is a terminal that takes colour: a tty, NO_COLOR unset or empty (no-color.org), TERM not
/// dumb.
bool WantsColour(int fd);

/// Table
///
/// Not thread-safe.
class Table {
 public:
  /// Cells wider than `max_columns` are cut.
  explicit Table(std::vector<std::string> header, std::size_t max_columns = 60)
      : header_(std::move(header)), max_columns_(max_columns) {}

  /// As many cells as the header has; missing ones are empty.
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// The header and one line a row, each with a line end and no trailing blanks.
  std::string Render(bool colour) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<Cell>> rows_;
  std::size_t max_columns_;
};

/// `label  value` lines that line up, for one thing shown in full.
std::string Facts(const std::vector<std::pair<std::string, Cell>>& facts, bool colour);

}  // namespace mcpgate::hosts
