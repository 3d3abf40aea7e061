#include "tool/schema_run.h"

#include <fmt/format.h>

#include <utility>

#include "tool/violation_text.h"

namespace mcpgate {
namespace {

// A value may be nested itself, so a run may stand in more nodes than one place of a schema has. With this
// factor a run at its deepest takes about a megabyte of stack.
constexpr std::size_t kNestingFactor = 16;

}  // namespace

std::vector<SchemaViolation> SchemaRun::Check(const SchemaNode& root, const Json& value) {
  std::vector<SchemaViolation> found;
  report_ = &found;
  Fits(root, value);
  report_ = nullptr;
  if (stop_ == Stop::kWork) {
    found.push_back(
        {"", fmt::format("is too complex to check: it takes more than {} steps", limits_.max_work)});
  } else if (stop_ == Stop::kDepth) {
    found.push_back({"", "is too complex to check: it is nested too deeply"});
  }
  return found;
}

bool SchemaRun::Fits(const SchemaNode& node, const Json& value) {
  if (!Spend(1)) return false;
  if (depth_ >= limits_.max_depth * kNestingFactor) {
    stop_ = Stop::kDepth;
    return false;
  }
  ++depth_;
  const bool fits = node.is_plain ? RunChecks(node, value) : RunInScope(node, value);
  --depth_;
  return fits && stop_ == Stop::kNo;
}

bool SchemaRun::RunChecks(const SchemaNode& node, const Json& value) {
  if (node.refuses_all) {
    return Fail([] { return std::string("is not allowed here"); });
  }
  if (node.types != kAnyType && (node.types & TypesOf(value)) == 0) {
    return Fail([&] { return fmt::format("must be {}, is {}", DescribeTypes(node.types), Quote(value)); });
  }
  bool fits = true;
  for (const auto& check : node.checks) {
    if (check->Passes(value, *this)) continue;
    fits = false;
    if (!reporting()) break;
  }
  return fits;
}

bool SchemaRun::RunInScope(const SchemaNode& node, const Json& value) {
  const bool enters = node.scope != nullptr && (scopes_.empty() || scopes_.back() != node.scope);
  if (enters) scopes_.push_back(node.scope);
  const bool fits = node.judges_rest ? RunWithRest(node, value) : RunChecks(node, value);
  if (enters) scopes_.pop_back();
  return fits;
}

bool SchemaRun::RunWithRest(const SchemaNode& node, const Json& value) {
  if (!value.is_structured()) return RunChecks(node, value);
  if (!Spend(value.size() / 64)) return false;
  Evaluated own(value);
  Evaluated* const outer = std::exchange(evaluated_, &own);
  const bool fits = RunChecks(node, value);
  evaluated_ = outer;
  if (Evaluated* same = EvaluatedOf(value)) {
    if (!Spend(own.count() / 4)) return false;
    same->AddAll(own);
    if (own.is_unsure()) same->MarkUnsure();
  }
  return fits;
}

const SchemaNode* SchemaRun::InScope(std::string_view name) {
  for (const SchemaScope* scope : scopes_) {
    if (!Spend(1)) return nullptr;
    if (const auto found = scope->find(name); found != scope->end()) return found->second;
  }
  return nullptr;
}

bool SchemaRun::FitsAt(Step step, const SchemaNode& node, const Json& value) {
  path_.push_back(step);
  const bool fits = Fits(node, value);
  path_.pop_back();
  return fits;
}

bool SchemaRun::FitsMember(const SchemaNode& node, const Json& member, std::string_view name) {
  return FitsAt({name, kMember}, node, member);
}

bool SchemaRun::FitsItem(const SchemaNode& node, const Json& item, std::size_t index) {
  return FitsAt({{}, index}, node, item);
}

bool SchemaRun::FitsQuietly(const SchemaNode& node, const Json& value) {
  auto* const report = std::exchange(report_, nullptr);
  const bool fits = evaluated_ == nullptr ? Fits(node, value) : FitsOrForgets(node, value);
  report_ = report;
  return fits;
}

bool SchemaRun::FitsOrForgets(const SchemaNode& node, const Json& value) {
  Evaluated* const evaluated = EvaluatedOf(value);
  if (evaluated == nullptr) return Fits(node, value);
  const Evaluated::Mark before = evaluated->Here();
  const bool fits = Fits(node, value);
  if (!fits) evaluated->Rewind(before);
  return fits;
}

std::string SchemaRun::WhyNot(const SchemaNode& node, const Json& value) {
  std::vector<SchemaViolation> found;
  auto* const report = std::exchange(report_, &found);
  const std::size_t room = std::exchange(room_, 1);
  const std::size_t base = std::exchange(base_, path_.size());
  Evaluated* const evaluated = std::exchange(evaluated_, nullptr);  // nothing said here counts
  Fits(node, value);
  evaluated_ = evaluated;
  report_ = report;
  room_ = room;
  base_ = base;
  if (stop_ == Stop::kEnough) stop_ = Stop::kNo;  // enough for this question only
  if (found.empty()) return "does not fit";
  const SchemaViolation& first = found.front();
  return first.pointer.empty() ? first.message : fmt::format("at {}: {}", first.pointer, first.message);
}

bool SchemaRun::Spend(std::size_t work) {
  if (stop_ != Stop::kNo) return false;
  work_ += work;
  if (work_ <= limits_.max_work) return true;
  stop_ = Stop::kWork;
  return false;
}

void SchemaRun::Record(std::string message) {
  if (stop_ != Stop::kNo) return;  // the bound was met while the message was made
  report_->push_back({Pointer(), std::move(message)});
  if (report_->size() >= room_) stop_ = Stop::kEnough;
}

std::string SchemaRun::Pointer() const {
  std::string pointer;
  for (std::size_t i = base_; i < path_.size(); ++i) {
    const Step& step = path_[i];
    pointer += '/';
    pointer += step.index == kMember ? PointerToken(step.name) : std::to_string(step.index);
  }
  return pointer;
}

}  // namespace mcpgate
