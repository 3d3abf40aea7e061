#include "base/json_text.h"

#include <cstdint>
#include <cstring>

namespace mcpgate {
namespace {

// What stands at the front of a text: a whole character, or `size` bytes that cannot be one.
struct Piece {
  std::size_t size = 1;
  bool valid = false;
};

struct LeadByte {
  std::size_t size = 0;  // 0: cannot start a character
  std::uint8_t second_min = 0x80, second_max = 0xbf;
};

// The Unicode Standard, table 3-7: well-formed UTF-8 byte sequences.
LeadByte LeadOf(std::uint8_t byte) {
  if (byte < 0x80) return {.size = 1};
  if (byte < 0xc2) return {};
  if (byte < 0xe0) return {.size = 2};
  if (byte == 0xe0) return {.size = 3, .second_min = 0xa0};
  if (byte == 0xed) return {.size = 3, .second_max = 0x9f};
  if (byte < 0xf0) return {.size = 3};
  if (byte == 0xf0) return {.size = 4, .second_min = 0x90};
  if (byte < 0xf4) return {.size = 4};
  if (byte == 0xf4) return {.size = 4, .second_max = 0x8f};
  return {};
}

Piece FirstPiece(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const LeadByte lead = LeadOf(byte(0));
  std::size_t size = 1;
  for (; size < lead.size && size < text.size(); ++size) {
    const std::uint8_t min = size == 1 ? lead.second_min : 0x80;
    const std::uint8_t max = size == 1 ? lead.second_max : 0xbf;
    if (byte(size) < min || byte(size) > max) break;
  }
  return {.size = size, .valid = size == lead.size};
}

void AppendEscaped(std::string& out, char c) {
  static constexpr std::string_view kPlain = "\"\\\b\f\n\r\t", kLetter = "\"\\bfnrt",
                                    kHex = "0123456789abcdef";
  out += '\\';
  if (const std::size_t at = kPlain.find(c); at != std::string_view::npos) {
    out += kLetter[at];
    return;
  }
  out += "u00";
  out += kHex[static_cast<std::uint8_t>(c) >> 4];
  out += kHex[static_cast<std::uint8_t>(c) & 0xf];
}

// ASCII that JSON writes as it is; DEL included.
bool IsPlain(char c) { return c >= 0x20 && c != '"' && c != '\\'; }

// Where the plain characters at the front of `text` end. Eight at a time, as far as none of eight could be
// another: the words are compared as one number, so a byte after one that is not plain may look like it too.
std::size_t PlainRun(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kTops; };
  std::size_t at = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t control = (word - kOnes * 0x20) & ~word & kTops;
    if (((word & kTops) | control | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) != 0) break;
  }
  while (at < text.size() && IsPlain(text[at])) ++at;
  return at;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd", kEllipsis = "\xe2\x80\xa6";

// Where the longest prefix of at most `max_bytes` ends that does not split a character.
std::size_t CutPoint(std::string_view text, std::size_t max_bytes) {
  std::size_t cut = max_bytes;
  for (int i = 0; i < 3 && cut > 0 && (static_cast<std::uint8_t>(text[cut]) & 0xc0) == 0x80; ++i) --cut;
  return cut;
}

// Calls `visit` with runs of plain characters and with single other characters, all valid UTF-8.
template <typename Visit>
void ForEachPiece(std::string_view text, std::size_t max_bytes, Visit visit) {
  const bool cut = text.size() > max_bytes;
  if (cut) text = text.substr(0, CutPoint(text, max_bytes));
  while (!text.empty()) {
    const std::size_t plain = PlainRun(text);
    if (plain > 0) visit(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Piece piece = FirstPiece(text);
    visit(piece.valid ? text.substr(0, piece.size) : kReplacement);
    text.remove_prefix(piece.size);
  }
  if (cut) visit(kEllipsis);
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text, std::size_t max_bytes) {
  out += '"';
  ForEachPiece(text, max_bytes, [&](std::string_view piece) {
    if (piece.size() == 1 && !IsPlain(piece[0])) {
      AppendEscaped(out, piece[0]);
    } else {
      out += piece;
    }
  });
  out += '"';
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Piece piece = FirstPiece(text);
    if (!piece.valid) return false;
    text.remove_prefix(piece.size);
  }
  return true;
}

std::string CleanText(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  ForEachPiece(text, max_bytes, [&](std::string_view piece) { clean += piece; });
  return clean;
}

}  // namespace mcpgate
