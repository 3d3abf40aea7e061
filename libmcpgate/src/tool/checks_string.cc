// maxLength, minLength, pattern.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

std::size_t CodePoints(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class LengthCheck final : public SchemaCheck {
 public:
  LengthCheck(std::size_t bound, bool is_maximum) : bound_(bound), is_maximum_(is_maximum) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return true;
    if (!run.Spend(text->size() / 64)) return false;
    const std::size_t length = CodePoints(*text);
    if (is_maximum_ ? length <= bound_ : length >= bound_) return true;
    return run.Fail([&] {
      return fmt::format("must be at {} {} long, is {}", is_maximum_ ? "most" : "least",
                         Counted(bound_, "character"), length);
    });
  }

 private:
  const std::size_t bound_;
  const bool is_maximum_;
};

class PatternCheck final : public SchemaCheck {
 public:
  explicit PatternCheck(std::shared_ptr<const SchemaPattern> pattern) : pattern_(std::move(pattern)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return true;
    if (!run.Spend(pattern_->Work(*text))) return false;
    if (pattern_->Matches(*text)) return true;
    return run.Fail([&] {
      return fmt::format("must match the pattern {}, is {}", Shorten(pattern_->source(), 200), Quote(value));
    });
  }

 private:
  const std::shared_ptr<const SchemaPattern> pattern_;
};

}  // namespace

void AddStringChecks(SchemaPart& part) {
  if (const auto bound = part.Count("minLength")) part.Add<LengthCheck>(*bound, false);
  if (const auto bound = part.Count("maxLength")) part.Add<LengthCheck>(*bound, true);
  if (const std::string* source = part.Text("pattern")) {
    if (auto pattern = part.Pattern("pattern", *source)) part.Add<PatternCheck>(std::move(pattern));
  }
}

}  // namespace mcpgate
