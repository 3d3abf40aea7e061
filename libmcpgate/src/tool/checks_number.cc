// multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum.
#include <fmt/format.h>

#include <utility>

#include "tool/json_order.h"
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

struct BoundKind {
  const char* keyword;
  const char* words;
  bool (*holds)(int order);  // of the value against the bound
};

constexpr BoundKind kBounds[] = {
    {"minimum", "at least", [](int order) { return order >= 0; }},
    {"maximum", "at most", [](int order) { return order <= 0; }},
    {"exclusiveMinimum", "more than", [](int order) { return order > 0; }},
    {"exclusiveMaximum", "less than", [](int order) { return order < 0; }},
};

class BoundCheck final : public SchemaCheck {
 public:
  BoundCheck(const BoundKind& kind, Json bound) : kind_(kind), bound_(std::move(bound)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!value.is_number() || kind_.holds(CompareNumbers(value, bound_))) return true;
    return run.Fail(
        [&] { return fmt::format("must be {} {}, is {}", kind_.words, DumpJson(bound_), Quote(value)); });
  }

 private:
  const BoundKind& kind_;
  const Json bound_;
};

class MultipleCheck final : public SchemaCheck {
 public:
  explicit MultipleCheck(Json divisor) : divisor_(std::move(divisor)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!value.is_number() || IsMultipleOf(value, divisor_)) return true;
    return run.Fail(
        [&] { return fmt::format("must be a multiple of {}, is {}", DumpJson(divisor_), Quote(value)); });
  }

 private:
  const Json divisor_;
};

}  // namespace

void AddNumberChecks(SchemaPart& part) {
  for (const BoundKind& kind : kBounds) {
    if (auto bound = part.Number(kind.keyword)) part.Add<BoundCheck>(kind, *std::move(bound));
  }
  auto divisor = part.Number("multipleOf");
  if (!divisor.has_value()) return;
  if (CompareNumbers(*divisor, Json(0)) <= 0) return part.Refuse("multipleOf", "must be more than 0");
  part.Add<MultipleCheck>(*std::move(divisor));
}

}  // namespace mcpgate
