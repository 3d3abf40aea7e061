#include "common/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/json_comments.h"

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kIndent = 2;

// A walk over text that ParseJson has accepted, so that it need not look for errors.
class Walk {
 public:
  Walk(std::string_view text, std::size_t at) : text_(text), at_(at) { SkipSpace(); }

  std::size_t at() const { return at_; }
  char Look() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Step() {
    ++at_;
    SkipSpace();
  }

  std::string_view SkipString() {
    const std::size_t first = at_++;
    while (Look() != '"') at_ += Look() == '\\' ? 2 : 1;
    ++at_;
    return text_.substr(first, at_ - first);
  }

  // Leaves the walk right behind the value.
  void SkipValue() {
    int depth = 0;
    do {
      const char c = Look();
      if (c == '"') {
        SkipString();
        if (depth == 0) return;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (depth == 0 && c != '}' && c != ']') {
        at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        return;
      }
      ++at_;
    } while (depth > 0);
  }

  void SkipSpace() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }

 private:
  std::string_view text_;
  std::size_t at_;
};

struct Span {
  std::size_t first = 0;
  std::size_t end = 0;
};

// An object or an array, as it lies in the text.
struct Container {
  std::optional<Span> member;  // the value of the member asked for
  std::size_t last_end = 0;    // behind the last value, or behind the bracket of an empty container
  std::size_t close = 0;       // at the closing bracket
  bool empty = true;
};

Container Inspect(std::string_view text, std::size_t at, std::string_view name) {
  Walk walk(text, at);
  Container found;
  const bool object = walk.Look() == '{';
  found.last_end = walk.at() + 1;
  walk.Step();
  while (walk.Look() != '}' && walk.Look() != ']' && walk.Look() != '\0') {
    found.empty = false;
    absl::StatusOr<Json> member = Json();
    if (object) {
      member = ParseJson(walk.SkipString());
      walk.SkipSpace();
      walk.Step();  // the colon
    }
    const std::size_t first = walk.at();
    walk.SkipValue();
    found.last_end = walk.at();
    if (member.ok() && member->is_string() && member->get_ref<const std::string&>() == name) {
      found.member = Span{first, walk.at()};
    }
    walk.SkipSpace();
    if (walk.Look() == ',') walk.Step();
  }
  found.close = walk.at();
  return found;
}

std::string Indented(const Json& value, std::size_t depth) {
  std::string text;
  for (const char c : PrettyJson(value)) {
    text += c;
    if (c == '\n') text.append(depth * kIndent, ' ');
  }
  return text;
}

// A text, and the same with what its dialect allows beyond JSON made spaces: places found in one hold in the
// other.
struct Text {
  std::string_view written;
  std::string plain;

  static Text Of(std::string_view text, JsonDialect dialect) {
    return {text, dialect == JsonDialect::kComments ? BlankCommentsAndCommas(text) : std::string(text)};
  }
  // nlohmann passes over a byte order mark, and so must the walk.
  std::size_t start() const { return written.starts_with("\xEF\xBB\xBF") ? 3 : 0; }
};

// Puts `entry` behind everything in the container, comments included. `depth` is that of its values.
std::string Append(const Text& text, const Container& into, std::string_view entry, std::size_t depth) {
  const std::string_view inside = text.written.substr(into.last_end, into.close - into.last_end);
  // A comma that a careless hand left behind the last value serves; it is a space in `plain`.
  const std::string blanked = BlankComments(inside);
  const bool has_comma = blanked.find(',') != blanked.npos;
  const std::size_t kept =
      inside.find_last_not_of(kSpace) == inside.npos ? 0 : inside.find_last_not_of(kSpace) + 1;
  std::string out(text.written.substr(0, into.last_end));
  if (!into.empty && !has_comma) out += ',';
  out += inside.substr(0, kept);
  out += fmt::format("\n{:{}}{}", "", depth * kIndent, entry);
  const std::string_view space = inside.substr(kept);
  // A closing bracket on the same line moves to its own.
  out +=
      space.find('\n') == space.npos ? fmt::format("\n{:{}}", "", (depth - 1) * kIndent) : std::string(space);
  out += text.written.substr(into.close);
  return out;
}

// Puts `"name": value` behind the last member of the object at `object_at`, in place of an old value if there
// is one. `depth` is that of the object's members.
std::string PutMember(const Text& text, std::size_t object_at, std::string_view name, const Json& value,
                      std::size_t depth) {
  const Container object = Inspect(text.plain, object_at, name);
  if (object.member.has_value()) {
    std::string out(text.written.substr(0, object.member->first));
    out += Indented(value, depth);
    out += text.written.substr(object.member->end);
    return out;
  }
  const std::string entry = fmt::format("{}: {}", DumpJson(Json(std::string(name))), Indented(value, depth));
  return Append(text, object, entry, depth);
}

// The outermost object. InvalidArgument unless its member `name` is missing or `fits`.
absl::StatusOr<Json> ParseOuter(const Text& text, std::string_view name, bool (*fits)(const Json&),
                                const char* kind) {
  absl::StatusOr<Json> parsed = ParseJson(text.plain);
  if (!parsed.ok()) return parsed.status();
  if (!parsed->is_object()) return absl::InvalidArgumentError("the text is not a JSON object");
  const Json* member = FindMember(*parsed, name);
  if (member != nullptr && !fits(*member)) {
    return absl::InvalidArgumentError(fmt::format("its member \"{}\" is not {}", name, kind));
  }
  return parsed;
}

bool IsObject(const Json& value) { return value.is_object(); }
bool IsArray(const Json& value) { return value.is_array(); }

}  // namespace

absl::StatusOr<Json> ParseJsonText(std::string_view text, JsonDialect dialect) {
  return ParseJson(Text::Of(text, dialect).plain);
}

absl::StatusOr<std::string> SetJsonMember(std::string_view text, JsonDialect dialect, std::string_view object,
                                          std::string_view name, const Json& value) {
  const Text both = Text::Of(text, dialect);
  absl::StatusOr<Json> parsed = ParseOuter(both, object, IsObject, "an object");
  if (!parsed.ok()) return parsed.status();
  if (FindMember(*parsed, object) == nullptr) {
    return PutMember(both, both.start(), object, Json{{std::string(name), value}}, 1);
  }
  const Container outer = Inspect(both.plain, both.start(), object);
  return PutMember(both, outer.member->first, name, value, 2);
}

absl::StatusOr<std::string> AddJsonItem(std::string_view text, JsonDialect dialect, std::string_view array,
                                        const Json& item) {
  const Text both = Text::Of(text, dialect);
  absl::StatusOr<Json> parsed = ParseOuter(both, array, IsArray, "a list");
  if (!parsed.ok()) return parsed.status();
  const Json* items = FindArray(*parsed, array);
  if (items == nullptr) return PutMember(both, both.start(), array, Json::array({item}), 1);
  for (const Json& one : *items) {
    if (StringOr(one, "id", "") == StringOr(item, "id", "")) return std::string(text);
  }
  const Container outer = Inspect(both.plain, both.start(), array);
  const Container list = Inspect(both.plain, outer.member->first, "");
  return Append(both, list, Indented(item, 2), 2);
}

}  // namespace mcpgate::hosts
