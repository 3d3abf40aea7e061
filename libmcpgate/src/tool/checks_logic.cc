// allOf, anyOf, oneOf, not, if, then, else.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxExplained = 3;  // alternatives whose refusal is explained

class AllCheck final : public SchemaCheck {
 public:
  explicit AllCheck(std::vector<const SchemaNode*> nodes) : nodes_(std::move(nodes)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    bool fits = true;
    for (const SchemaNode* node : nodes_) {
      fits = run.Fits(*node, value) && fits;
      if (!fits && !run.reporting()) return false;
    }
    return fits;
  }
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override {
    nodes.insert(nodes.end(), nodes_.begin(), nodes_.end());
  }

 private:
  const std::vector<const SchemaNode*> nodes_;
};

class AlternativesCheck final : public SchemaCheck {
 public:
  /// `exactly_one`: oneOf rather than anyOf.
  AlternativesCheck(std::vector<const SchemaNode*> nodes, bool exactly_one)
      : nodes_(std::move(nodes)), exactly_one_(exactly_one) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    Evaluated* const evaluated = run.EvaluatedOf(value);
    std::size_t first = nodes_.size();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!run.FitsQuietly(*nodes_[i], value)) continue;
      // What the other alternatives say of the members counts as well.
      if (!exactly_one_ && evaluated == nullptr) return true;
      if (exactly_one_ && first < nodes_.size()) return FailWithTwo(first, i, run);
      first = std::min(first, i);
    }
    if (first < nodes_.size()) return true;
    if (evaluated != nullptr) evaluated->MarkUnsure();
    return run.Fail([&] { return Explain(value, run); });
  }
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override {
    nodes.insert(nodes.end(), nodes_.begin(), nodes_.end());
  }

 private:
  bool FailWithTwo(std::size_t one, std::size_t other, SchemaRun& run) const {
    return run.Fail([&] {
      return fmt::format("must fit exactly one of {} alternatives, fits numbers {} and {}", nodes_.size(),
                         one + 1, other + 1);
    });
  }

  std::string Explain(const Json& value, SchemaRun& run) const {
    if (nodes_.size() == 1) return run.WhyNot(*nodes_[0], value);
    std::string text = fmt::format("fits none of {} alternatives:", nodes_.size());
    for (std::size_t i = 0; i < nodes_.size() && i < kMaxExplained; ++i) {
      text += fmt::format("{} ({}) {}", i == 0 ? "" : ";", i + 1, run.WhyNot(*nodes_[i], value));
    }
    if (nodes_.size() > kMaxExplained) text += "; \u2026";
    return text;
  }

  const std::vector<const SchemaNode*> nodes_;
  const bool exactly_one_;
};

class NotCheck final : public SchemaCheck {
 public:
  NotCheck(const SchemaNode& node, std::string excerpt) : node_(node), excerpt_(std::move(excerpt)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!run.FitsQuietly(node_, value)) return true;
    return run.Fail([&] { return fmt::format("must not fit {}", excerpt_); });
  }
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override { nodes.push_back(&node_); }

 private:
  const SchemaNode& node_;
  const std::string excerpt_;
};

class IfCheck final : public SchemaCheck {
 public:
  /// `then` and `otherwise` may be null.
  IfCheck(const SchemaNode& condition, const SchemaNode* then, const SchemaNode* otherwise)
      : condition_(condition), then_(then), otherwise_(otherwise) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const SchemaNode* next = run.FitsQuietly(condition_, value) ? then_ : otherwise_;
    return next == nullptr || run.Fits(*next, value);
  }
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override {
    nodes.push_back(&condition_);
    if (then_ != nullptr) nodes.push_back(then_);
    if (otherwise_ != nullptr) nodes.push_back(otherwise_);
  }

 private:
  const SchemaNode& condition_;
  const SchemaNode* const then_;
  const SchemaNode* const otherwise_;
};

}  // namespace

void AddLogicChecks(SchemaPart& part) {
  if (auto nodes = part.Subschemas("allOf"); !nodes.empty()) part.Add<AllCheck>(std::move(nodes));
  if (auto nodes = part.Subschemas("anyOf"); !nodes.empty())
    part.Add<AlternativesCheck>(std::move(nodes), false);
  if (auto nodes = part.Subschemas("oneOf"); !nodes.empty())
    part.Add<AlternativesCheck>(std::move(nodes), true);
  if (const SchemaNode* node = part.Subschema("not")) part.Add<NotCheck>(*node, part.Excerpt("not"));
  const SchemaNode* then = part.Subschema("then");
  const SchemaNode* otherwise = part.Subschema("else");
  if (const SchemaNode* condition = part.Subschema("if")) part.Add<IfCheck>(*condition, then, otherwise);
}

}  // namespace mcpgate
