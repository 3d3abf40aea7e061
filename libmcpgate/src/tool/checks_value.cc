// type, enum, const.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/json_order.h"
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxListed = 400;  // bytes of options in one message

// Sorted, so that a long list costs a few comparisons; the message keeps the author's order.
class EnumCheck final : public SchemaCheck {
 public:
  explicit EnumCheck(const Json& options) : sorted_(options.begin(), options.end()), listed_(List(options)) {
    std::sort(sorted_.begin(), sorted_.end(), [](const Json& a, const Json& b) {
      std::size_t steps = 0;
      return CompareJson(a, b, steps) < 0;
    });
  }

  bool Passes(const Json& value, SchemaRun& run) const override {
    std::size_t steps = 0;
    const auto found = std::lower_bound(
        sorted_.begin(), sorted_.end(), value,
        [&steps](const Json& option, const Json& wanted) { return CompareJson(option, wanted, steps) < 0; });
    const bool is_option = found != sorted_.end() && CompareJson(*found, value, steps) == 0;
    if (!run.Spend(steps)) return false;
    return is_option || run.Fail([&] { return fmt::format("must be {}, is {}", listed_, Quote(value)); });
  }

 private:
  static std::string List(const Json& options) {
    if (options.empty()) return "one of no options at all";
    std::string text = options.size() == 1 ? "" : "one of ";
    std::size_t shown = 0;
    for (; shown < options.size() && text.size() < kMaxListed; ++shown) {
      if (shown > 0) text += ", ";
      text += Shorten(DumpJson(options[shown]));
    }
    if (shown < options.size()) text += fmt::format(" and {} more", options.size() - shown);
    return text;
  }

  std::vector<Json> sorted_;
  const std::string listed_;
};

class ConstCheck final : public SchemaCheck {
 public:
  explicit ConstCheck(Json wanted) : wanted_(std::move(wanted)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    std::size_t steps = 0;
    const bool equal = CompareJson(wanted_, value, steps) == 0;
    if (!run.Spend(steps)) return false;
    return equal || run.Fail([&] {
      return fmt::format("must be {}, is {}", Shorten(DumpJson(wanted_), 100), Quote(value));
    });
  }

 private:
  const Json wanted_;
};

std::uint8_t TypeNamed(const Json& name) {
  constexpr std::pair<const char*, std::uint8_t> kTypes[] = {
      {"null", kNull},     {"boolean", kBoolean}, {"object", kObject},   {"array", kArray},
      {"string", kString}, {"number", kNumber},   {"integer", kInteger},
  };
  for (const auto& [known, type] : kTypes) {
    if (name == known) return type;
  }
  return kAnyType;
}

void ReadTypes(SchemaPart& part, const Json& declared) {
  const Json names = declared.is_array() ? declared : Json::array({declared});
  for (const Json& name : names) {
    const std::uint8_t type = TypeNamed(name);
    if (type == kAnyType) {
      return part.Refuse("type", fmt::format("names {}, which is not a type of JSON Schema", Quote(name)));
    }
    part.node().types |= type;
  }
  if (names.empty()) part.Refuse("type", "must name at least one type");
}

}  // namespace

void AddValueChecks(SchemaPart& part) {
  if (const Json* types = part.Find("type")) ReadTypes(part, *types);
  if (const Json* options = part.Find("enum")) {
    if (!options->is_array()) return part.Refuse("enum", "must be an array");
    part.Add<EnumCheck>(*options);
  }
  if (const Json* wanted = part.Find("const")) part.Add<ConstCheck>(*wanted);
}

}  // namespace mcpgate
