// File: tool/schema_run.h
//
// One validation: where it stands in the value, what it has spent, what it has found.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "mcpgate/export.h"
#include "tool/compiled_schema.h"
#include "tool/evaluated.h"
#include "tool/schema_node.h"

namespace mcpgate {

/// SchemaRun
///
/// Not thread-safe; lives for one value. Once it stops (bound reached, or enough violations) every question
/// answers false at once, and what was concluded since does not count.
class MCPGATE_EXPORT SchemaRun {
 public:
  explicit SchemaRun(const SchemaLimits& limits) : limits_(limits), room_(limits.max_violations) {}

  std::vector<SchemaViolation> Check(const SchemaNode& root, const Json& value);

  bool Fits(const SchemaNode& node, const Json& value);
  bool FitsMember(const SchemaNode& node, const Json& member, std::string_view name);
  bool FitsItem(const SchemaNode& node, const Json& item, std::size_t index);
  /// Like Fits, for a question whose "no" is not yet a violation.
  bool FitsQuietly(const SchemaNode& node, const Json& value);
  /// Where to note which parts of `value` a subschema speaks about; null when nobody will ask.
  Evaluated* EvaluatedOf(const Json& value) const {
    return evaluated_ != nullptr && evaluated_->IsAbout(value) ? evaluated_ : nullptr;
  }
  /// The subschema with this dynamic anchor in the outermost resource entered that has one; may be null.
  const SchemaNode* InScope(std::string_view name);
  /// The first reason why `value` does not fit, for use inside another message.
  std::string WhyNot(const SchemaNode& node, const Json& value);

  /// False, and the run stops, when the bound on work is passed.
  bool Spend(std::size_t work);
  /// False. `text()` is called only when somebody will read the message.
  template <typename Text>
  bool Fail(Text&& text) {
    if (reporting()) Record(text());
    return false;
  }
  bool reporting() const { return report_ != nullptr && stop_ == Stop::kNo; }
  std::size_t work() const { return work_; }

 private:
  enum class Stop { kNo, kEnough, kWork, kDepth };
  struct Step {
    std::string_view name;
    std::size_t index = kMember;
  };
  static constexpr std::size_t kMember = static_cast<std::size_t>(-1);

  bool RunChecks(const SchemaNode& node, const Json& value);
  bool RunWithRest(const SchemaNode& node, const Json& value);
  bool RunInScope(const SchemaNode& node, const Json& value);
  // What a subschema that does not fit has said of the value is forgotten.
  bool FitsOrForgets(const SchemaNode& node, const Json& value);
  bool FitsAt(Step step, const SchemaNode& node, const Json& value);
  void Record(std::string message);
  std::string Pointer() const;

  const SchemaLimits& limits_;
  std::size_t work_ = 0;
  std::size_t depth_ = 0;
  Stop stop_ = Stop::kNo;
  absl::InlinedVector<Step, 8> path_;
  std::size_t base_ = 0;  // pointers are written from here
  std::size_t room_;
  std::vector<SchemaViolation>* report_ = nullptr;
  Evaluated* evaluated_ = nullptr;  // of the innermost value whose rest will be judged
  std::vector<const SchemaScope*> scopes_;
};

}  // namespace mcpgate
