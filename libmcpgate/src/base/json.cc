// The only translation unit that parses and writes JSON.
#include "mcpgate/json.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mcpgate {
namespace {

// Builds the value as the text is read, and stops at the first thing a bound forbids: nlohmann's own parser
// accepts any depth and lets the last of two equal names win, which would let two readers of one message
// disagree.
class BoundedBuilder {
 public:
  explicit BoundedBuilder(JsonLimits limits) : limits_(limits) {}

  bool null() { return Place(nullptr); }
  bool boolean(bool value) { return Place(value); }
  bool number_integer(Json::number_integer_t value) { return Place(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return Place(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return Place(value); }
  bool string(std::string& value) { return Place(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return Open(Json::object()); }
  bool start_array(std::size_t) { return Open(Json::array()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    auto [member, is_new] = open_.back()->emplace(std::move(name), nullptr);
    if (!is_new) {
      problem_ = fmt::format("the member \"{}\" appears twice in one object", member.key().substr(0, 100));
      return false;
    }
    slot_ = &*member;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    std::string_view what = error.what();
    // nlohmann: "[json.exception.parse_error.101] parse error at line 1, column 2: ..."; keep what a person
    // needs.
    const std::size_t colon = what.find(": ");
    if (colon != std::string_view::npos) what.remove_prefix(colon + 2);
    problem_ = fmt::format("at byte {}: {}", position, what.substr(0, 200));
    return false;
  }

  Json Take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  Json* Slot(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *slot_ = std::move(value);
    return slot_;
  }

  template <typename T>
  bool Place(T&& value) {
    Slot(Json(std::forward<T>(value)));
    return true;
  }

  bool Open(Json&& container) {
    if (open_.size() >= limits_.max_depth) {
      problem_ = fmt::format("nested deeper than {} levels", limits_.max_depth);
      return false;
    }
    open_.push_back(Slot(std::move(container)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits limits_;
  Json root_;
  std::vector<Json*> open_;  // a parent never grows while a child is open, so the pointers hold
  Json* slot_ = nullptr;     // the member whose name was read last
  std::string problem_;
};

const Json* FindOfType(const Json& value, std::string_view name, Json::value_t type) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->type() == type ? member : nullptr;
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, JsonLimits limits) {
  BoundedBuilder builder(limits);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    return absl::InvalidArgumentError("not acceptable JSON: " + builder.problem());
  }
  return builder.Take();
}

std::string DumpJson(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void AppendJson(std::string& out, const Json& value) { out += DumpJson(value); }

std::string PrettyJson(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json* FindMember(const Json& value, std::string_view name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

const std::string* FindString(const Json& value, std::string_view name) {
  const Json* member = FindMember(value, name);
  return member == nullptr ? nullptr : member->get_ptr<const std::string*>();
}

const Json* FindObject(const Json& value, std::string_view name) {
  return FindOfType(value, name, Json::value_t::object);
}

const Json* FindArray(const Json& value, std::string_view name) {
  return FindOfType(value, name, Json::value_t::array);
}

std::string StringOr(const Json& value, std::string_view name, std::string_view fallback) {
  const std::string* text = FindString(value, name);
  return text == nullptr ? std::string(fallback) : *text;
}

std::int64_t IntegerOr(const Json& value, std::string_view name, std::int64_t fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_number_integer() ? member->get<std::int64_t>() : fallback;
}

double NumberOr(const Json& value, std::string_view name, double fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_number() ? member->get<double>() : fallback;
}

bool BoolOr(const Json& value, std::string_view name, bool fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_boolean() ? member->get<bool>() : fallback;
}

}  // namespace mcpgate
