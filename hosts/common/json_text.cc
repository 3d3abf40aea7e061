#include "common/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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

struct ObjectShape {
  std::optional<Span> member;  // the value of the member asked for
  std::size_t insert_at = 0;   // behind the last member, or behind the brace of an empty object
  bool empty = true;
};

ObjectShape Inspect(std::string_view text, std::size_t object_at, std::string_view name) {
  Walk walk(text, object_at);
  ObjectShape shape;
  shape.insert_at = walk.at() + 1;
  walk.Step();
  while (walk.Look() == '"') {
    shape.empty = false;
    absl::StatusOr<Json> member = ParseJson(walk.SkipString());
    walk.SkipSpace();
    walk.Step();  // the colon
    const std::size_t first = walk.at();
    walk.SkipValue();
    shape.insert_at = walk.at();
    if (member.ok() && member->is_string() && member->get_ref<const std::string&>() == name) {
      shape.member = Span{first, walk.at()};
    }
    walk.SkipSpace();
    if (walk.Look() == ',') walk.Step();
  }
  return shape;
}

std::string Indented(const Json& value, std::size_t depth) {
  std::string text;
  for (const char c : PrettyJson(value)) {
    text += c;
    if (c == '\n') text.append(depth * kIndent, ' ');
  }
  return text;
}

// Puts `"name": value` behind the last member of the object at `object_at`, in place of an old value if there
// is one. `depth` is that of the object's members.
std::string PutMember(std::string_view text, std::size_t object_at, std::string_view name, const Json& value,
                      std::size_t depth) {
  const ObjectShape shape = Inspect(text, object_at, name);
  std::string out;
  if (shape.member.has_value()) {
    out = text.substr(0, shape.member->first);
    out += Indented(value, depth);
    out += text.substr(shape.member->end);
    return out;
  }
  out = text.substr(0, shape.insert_at);
  out += fmt::format("{}\n{:{}}{}: {}", shape.empty ? "" : ",", "", depth * kIndent,
                     DumpJson(Json(std::string(name))), Indented(value, depth));
  std::string_view rest = text.substr(shape.insert_at);
  // A closing brace on the same line moves to its own.
  const std::size_t next = std::min(rest.find_first_not_of(kSpace), rest.size());
  if (rest.substr(0, next).find('\n') == std::string_view::npos) {
    out += fmt::format("\n{:{}}", "", (depth - 1) * kIndent);
    rest.remove_prefix(next);
  }
  out += rest;
  return out;
}

}  // namespace

absl::StatusOr<std::string> SetJsonMember(std::string_view text, std::string_view object,
                                          std::string_view name, const Json& value) {
  absl::StatusOr<Json> parsed = ParseJson(text);
  if (!parsed.ok()) return parsed.status();
  if (!parsed->is_object()) return absl::InvalidArgumentError("the text is not a JSON object");
  const Json* outer = FindMember(*parsed, object);
  if (outer != nullptr && !outer->is_object()) {
    return absl::InvalidArgumentError(fmt::format("its member \"{}\" is not an object", object));
  }
  // nlohmann passes over a byte order mark, and so must the walk.
  const std::size_t start = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (outer == nullptr) {
    return PutMember(text, start, object, Json{{std::string(name), value}}, 1);
  }
  const ObjectShape shape = Inspect(text, start, object);
  return PutMember(text, shape.member->first, name, value, 2);
}

}  // namespace mcpgate::hosts
