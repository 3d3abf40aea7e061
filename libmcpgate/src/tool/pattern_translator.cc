// ECMA-262 regular expressions (with the `u` flag, as JSON Schema asks) written in RE2's syntax. Where ECMA
// itself is lenient without that flag ("\-", a lone "{") so is this.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "tool/schema_pattern.h"

namespace mcpgate {
namespace {

constexpr std::uint32_t kMaxCodePoint = 0x10FFFF;
constexpr int kMaxGroupDepth = 100;

// ECMA's WhiteSpace and LineTerminator; RE2's \s is ASCII only.
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNotSpaces =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kNotLineEnd = R"([^\x{a}\x{d}\x{2028}\x{2029}])";
constexpr std::string_view kAnything = R"([\x{0}-\x{10ffff}])";
constexpr std::string_view kNothing = R"([^\x{0}-\x{10ffff}])";

// General categories by their long names (Unicode's PropertyValueAliases); RE2 knows only the short ones.
constexpr std::pair<std::string_view, std::string_view> kCategories[] = {
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Private_Use", "Co"},
};

bool IsAsciiAlnum(std::uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// One pass from left to right. After a problem the rest is skipped and the output does not count.
class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  absl::StatusOr<std::string> Run() {
    while (!AtEnd() && problem_.empty()) Term();
    if (problem_.empty() && groups_ > 0) Refuse("a group is not closed");
    if (!problem_.empty()) return absl::InvalidArgumentError(problem_);
    return std::move(out_);
  }

 private:
  // What one escape or character of a class stands for: one code point, or a set written out in RE2.
  struct Atom {
    std::optional<std::uint32_t> code_point;
    std::string set;
  };

  bool AtEnd() const { return at_ >= in_.size(); }
  bool Sees(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool Take(std::string_view text) {
    if (!Sees(text)) return false;
    at_ += text.size();
    return true;
  }
  void Refuse(std::string why) {
    if (problem_.empty()) problem_ = std::move(why);
  }

  void Term() {
    const char c = in_[at_];
    switch (c) {
      case '\\':
        return OutsideEscape();
      case '[':
        return Class();
      case '(':
        return Group();
      case ')':
        if (--groups_ < 0) Refuse("a ')' has no '('");
        return Copy();
      case '{':
        return Brace();
      case '}':
      case ']':
        ++at_;
        return Emit(static_cast<std::uint32_t>(c));
      case '.':
        ++at_;
        out_ += kNotLineEnd;
        return;
      case '^':
        ++at_;
        out_ += "\\A";
        return;
      case '$':
        ++at_;
        out_ += "\\z";
        return;
      default:
        return Copy();
    }
  }

  void Copy() { out_ += in_[at_++]; }

  void Emit(std::uint32_t code_point) { out_ += Literal(code_point); }

  static std::string Literal(std::uint32_t code_point) {
    if (IsAsciiAlnum(code_point)) return std::string(1, static_cast<char>(code_point));
    return fmt::format("\\x{{{:x}}}", code_point);
  }

  void Group() {
    if (++groups_ > kMaxGroupDepth) return Refuse("groups are nested too deeply");
    if (Take("(?:")) {
    } else if (Sees("(?=") || Sees("(?!") || Sees("(?<=") || Sees("(?<!")) {
      return Refuse("look-around has no linear-time form; express it with allOf, not or if");
    } else if (Take("(?<")) {
      const std::size_t end = in_.find('>', at_);
      if (end == std::string_view::npos) return Refuse("a group's name is not closed");
      at_ = end + 1;
    } else if (Sees("(?")) {
      return Refuse("an unknown kind of group \"(?\"");
    } else {
      ++at_;
    }
    out_ += "(?:";
  }

  // A quantifier is copied; any other brace stands for itself.
  void Brace() {
    std::size_t end = at_ + 1;
    const auto digits = [&] {
      const std::size_t start = end;
      while (end < in_.size() && in_[end] >= '0' && in_[end] <= '9') ++end;
      return end > start;
    };
    bool quantifier = digits();
    if (quantifier && end < in_.size() && in_[end] == ',') {
      ++end;
      digits();
    }
    quantifier = quantifier && end < in_.size() && in_[end] == '}';
    if (!quantifier) {
      ++at_;
      return Emit('{');
    }
    out_ += in_.substr(at_, end + 1 - at_);
    at_ = end + 1;
  }

  void OutsideEscape() {
    if (Take("\\b")) {
      out_ += "\\b";
      return;
    }
    if (Take("\\B")) {
      out_ += "\\B";
      return;
    }
    const Atom atom = Escape();
    if (atom.code_point.has_value()) return Emit(*atom.code_point);
    out_ += "[" + atom.set + "]";
  }

  void Class() {
    ++at_;
    const bool negated = Take("^");
    if (Take("]")) {
      out_ += negated ? kAnything : kNothing;
      return;
    }
    out_ += negated ? "[^" : "[";
    while (problem_.empty()) {
      if (AtEnd()) return Refuse("a '[' is not closed");
      if (Take("]")) break;
      ClassRange();
    }
    out_ += "]";
  }

  void ClassRange() {
    const Atom first = ClassAtom();
    const bool is_range = Sees("-") && at_ + 1 < in_.size() && in_[at_ + 1] != ']';
    if (!is_range || !first.code_point.has_value()) return EmitInClass(first);
    ++at_;
    const Atom last = ClassAtom();
    if (!last.code_point.has_value()) {
      EmitInClass(first);
      Emit('-');
      return EmitInClass(last);
    }
    if (*last.code_point < *first.code_point) return Refuse("a range in [] runs backwards");
    Emit(*first.code_point);
    out_ += '-';
    Emit(*last.code_point);
  }

  void EmitInClass(const Atom& atom) {
    if (atom.code_point.has_value()) return Emit(*atom.code_point);
    out_ += atom.set;
  }

  Atom ClassAtom() {
    if (AtEnd()) {
      Refuse("a '[' is not closed");
      return {};
    }
    if (Take("\\b")) return {0x08, {}};
    if (Take("\\-")) return {'-', {}};
    if (Sees("\\")) return Escape();
    return {TakeCodePoint(), {}};
  }

  // The text is UTF-8 by contract; RE2 refuses what is not.
  std::uint32_t TakeCodePoint() {
    const auto lead = static_cast<unsigned char>(in_[at_++]);
    if (lead < 0x80) return lead;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    std::uint32_t code_point = lead & (0x3Fu >> more);
    for (int i = 0; i < more && !AtEnd(); ++i) {
      code_point = code_point << 6 | (static_cast<unsigned char>(in_[at_++]) & 0x3Fu);
    }
    return code_point;
  }

  Atom Escape() {
    ++at_;
    if (AtEnd()) {
      Refuse("it ends with a backslash");
      return {};
    }
    if (static_cast<unsigned char>(in_[at_]) >= 0x80) return {TakeCodePoint(), {}};
    const char c = in_[at_++];
    switch (c) {
      case 'd':
        return {{}, "0-9"};
      case 'D':
        return {{}, R"(\D)"};
      case 'w':
        return {{}, "0-9A-Za-z_"};
      case 'W':
        return {{}, R"(\W)"};
      case 's':
        return {{}, std::string(kSpaces)};
      case 'S':
        return {{}, std::string(kNotSpaces)};
      case 'p':
      case 'P':
        return Property(c == 'P');
      default:
        return {CharacterEscape(c), {}};
    }
  }

  std::optional<std::uint32_t> CharacterEscape(char c) {
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'v':
        return '\v';
      case 'f':
        return '\f';
      case 'r':
        return '\r';
      case 'c':
        return ControlLetter();
      case 'x':
        return Hex(2);
      case 'u':
        return UnicodeEscape();
      case '0':
        if (AtEnd() || in_[at_] < '0' || in_[at_] > '9') return 0;
        break;
      default:
        if (!IsAsciiAlnum(static_cast<unsigned char>(c))) return static_cast<unsigned char>(c);
    }
    if ((c >= '1' && c <= '9') || c == 'k') {
      Refuse("a back-reference has no linear-time form");
    } else {
      Refuse(fmt::format("\"\\{}\" is not an escape of ECMA-262", c));
    }
    return 0;
  }

  std::uint32_t ControlLetter() {
    if (AtEnd() || !IsAsciiAlnum(static_cast<unsigned char>(in_[at_])) || in_[at_] <= '9') {
      Refuse("\"\\c\" must be followed by a letter");
      return 0;
    }
    return static_cast<std::uint32_t>(in_[at_++]) % 32;
  }

  std::uint32_t Hex(std::size_t digits) {
    std::uint32_t value = 0;
    const std::string_view text = in_.substr(at_, digits);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || text.size() != digits || end.ptr != text.data() + text.size() ||
        value > kMaxCodePoint) {
      Refuse("a \\x or \\u escape is malformed");
      return 0;
    }
    at_ += digits;
    return value;
  }

  std::uint32_t UnicodeEscape() {
    if (Take("{")) {
      const std::size_t end = in_.find('}', at_);
      const std::uint32_t value = end == std::string_view::npos ? Hex(0) : Hex(end - at_);
      Take("}");
      return value;
    }
    const std::uint32_t high = Hex(4);
    const bool is_pair = high >= 0xD800 && high < 0xDC00 && Sees("\\u") && !Sees("\\u{");
    if (!is_pair) return high;
    const std::size_t before = at_;
    at_ += 2;
    const std::uint32_t low = Hex(4);
    if (low >= 0xDC00 && low < 0xE000) return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    at_ = before;
    return high;
  }

  // \p{Lu}, \p{Letter}, \p{gc=Letter}, \p{Script=Greek}. RE2 has no binary properties beyond these.
  Atom Property(bool negated) {
    const std::size_t end = Take("{") ? in_.find('}', at_) : std::string_view::npos;
    if (end == std::string_view::npos) {
      Refuse("\\p must be followed by a property in braces");
      return {};
    }
    std::string_view name = in_.substr(at_, end - at_);
    at_ = end + 1;
    if (name == "Any" && !negated) return {{}, R"(\x{0}-\x{10ffff})"};
    if (name == "ASCII") return {{}, negated ? R"(\x{80}-\x{10ffff})" : R"(\x{0}-\x{7f})"};
    for (const std::string_view prefix : {"General_Category=", "gc=", "Script=", "sc="}) {
      if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
        break;
      }
    }
    for (const auto& [longer, shorter] : kCategories) {
      if (name == longer) name = shorter;
    }
    return {{}, fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', name)};
  }

  const std::string_view in_;
  std::size_t at_ = 0;
  int groups_ = 0;
  std::string out_;
  std::string problem_;
};

}  // namespace

absl::StatusOr<std::string> TranslatePattern(std::string_view ecma) { return Translator(ecma).Run(); }

}  // namespace mcpgate
