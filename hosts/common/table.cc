#include "common/table.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "common/data_directory.h"
#include "common/display_width.h"

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kGap = "  ";

std::string_view Paint(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kFaint:
      return "\x1b[2m";
    case Tone::kPlain:
      break;
  }
  return "";
}

void AppendPadded(std::string& line, std::string_view shown, Tone tone, bool colour, std::size_t width,
                  bool last) {
  line += Tinted(shown, tone, colour);
  if (last) return;
  line.append(width - std::min(width, DisplayWidth(shown)), ' ');
  line += kGap;
}

void EndLine(std::string& out, std::string line) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  out += line;
  out += '\n';
}

}  // namespace

std::string Tinted(std::string_view text, Tone tone, bool colour) {
  const std::string_view paint = colour && !text.empty() ? Paint(tone) : "";
  if (paint.empty()) return std::string(text);
  return std::string(paint) + std::string(text) + "\x1b[0m";
}

bool WantsColour(int fd) {
  return isatty(fd) == 1 && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
}

std::string Table::Render(bool colour) const {
  std::vector<std::vector<Cell>> lines;
  lines.reserve(rows_.size() + 1);
  lines.emplace_back();
  for (const std::string& title : header_) lines.back().emplace_back(title, Tone::kFaint);
  lines.insert(lines.end(), rows_.begin(), rows_.end());

  std::vector<std::size_t> widths(header_.size(), 0);
  for (std::vector<Cell>& line : lines) {
    line.resize(header_.size(), Cell(""));
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i].text = Shorten(Printable(line[i].text), max_columns_);
      widths[i] = std::max(widths[i], DisplayWidth(line[i].text));
    }
  }
  std::string out;
  for (const std::vector<Cell>& cells : lines) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      AppendPadded(line, cells[i].text, cells[i].tone, colour, widths[i], i + 1 == cells.size());
    }
    EndLine(out, std::move(line));
  }
  return out;
}

std::string Facts(const std::vector<std::pair<std::string, Cell>>& facts, bool colour) {
  std::size_t width = 0;
  for (const auto& [label, value] : facts) width = std::max(width, DisplayWidth(label));
  std::string out;
  for (const auto& [label, value] : facts) {
    std::string line;
    AppendPadded(line, label, Tone::kFaint, colour, width, false);
    AppendPadded(line, Printable(value.text), value.tone, colour, 0, true);
    EndLine(out, std::move(line));
  }
  return out;
}

}  // namespace mcpgate::hosts
