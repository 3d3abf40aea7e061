// prefixItems, items, maxItems, minItems, uniqueItems, contains, minContains, maxContains.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "tool/json_order.h"
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

class ItemsCheck final : public SchemaCheck {
 public:
  /// `rest` may be null: anything may follow the prefix.
  ItemsCheck(std::vector<const SchemaNode*> prefix, const SchemaNode* rest)
      : prefix_(std::move(prefix)), rest_(rest) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* items = value.get_ptr<const Json::array_t*>();
    if (items == nullptr) return true;
    if (rest_ != nullptr && rest_->refuses_all && items->size() > prefix_.size()) {
      return run.Fail([&] {
        return fmt::format("must have at most {}, has {}", Counted(prefix_.size(), "item"), items->size());
      });
    }
    Evaluated* const evaluated = run.EvaluatedOf(value);
    bool fits = true;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const SchemaNode* node = i < prefix_.size() ? prefix_[i] : rest_;
      if (node == nullptr) break;
      if (evaluated != nullptr) evaluated->Add(i);
      fits = run.FitsItem(*node, (*items)[i], i) && fits;
      if (!fits && !run.reporting()) return false;
    }
    return fits;
  }

 private:
  const std::vector<const SchemaNode*> prefix_;
  const SchemaNode* const rest_;
};

class ItemCountCheck final : public SchemaCheck {
 public:
  ItemCountCheck(std::size_t bound, bool is_maximum) : bound_(bound), is_maximum_(is_maximum) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!value.is_array() || (is_maximum_ ? value.size() <= bound_ : value.size() >= bound_)) return true;
    return run.Fail([&] {
      return fmt::format("must have at {} {}, has {}", is_maximum_ ? "most" : "least",
                         Counted(bound_, "item"), value.size());
    });
  }

 private:
  const std::size_t bound_;
  const bool is_maximum_;
};

// By sorting: a hash that a caller could make collide would be quadratic.
class UniqueItemsCheck final : public SchemaCheck {
 public:
  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* items = value.get_ptr<const Json::array_t*>();
    if (items == nullptr || items->size() < 2) return true;
    const std::size_t expected = items->size() * static_cast<std::size_t>(std::bit_width(items->size()));
    if (!run.Spend(expected)) return false;
    std::vector<std::size_t> order(items->size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::size_t steps = 0;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int by_value = CompareJson((*items)[a], (*items)[b], steps);
      return by_value != 0 ? by_value < 0 : a < b;
    });
    const auto twin = std::adjacent_find(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return CompareJson((*items)[a], (*items)[b], steps) == 0;
    });
    if (!run.Spend(steps - std::min(steps, expected))) return false;
    return twin == order.end() || run.Fail([&] {
      return fmt::format("must not have the same item twice: items {} and {} are equal", *twin, *(twin + 1));
    });
  }
};

class ContainsCheck final : public SchemaCheck {
 public:
  ContainsCheck(const SchemaNode& wanted, std::string excerpt, std::size_t least, std::size_t most)
      : wanted_(wanted), excerpt_(std::move(excerpt)), least_(least), most_(most) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* items = value.get_ptr<const Json::array_t*>();
    if (items == nullptr) return true;
    Evaluated* const evaluated = run.EvaluatedOf(value);
    std::size_t count = 0;
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (run.FitsQuietly(wanted_, (*items)[i])) {
        ++count;
        if (evaluated != nullptr) evaluated->Add(i);
      }
      if (count > most_ || (count >= least_ && most_ == kNoLimit && evaluated == nullptr)) break;
    }
    if (count > most_) return run.Fail([&] { return Message("most", most_); });
    return count >= least_ ||
           run.Fail([&] { return Message("least", least_) + fmt::format(", has {}", count); });
  }

 private:
  std::string Message(std::string_view side, std::size_t bound) const {
    return fmt::format("must contain at {} {} that {} {}", side, Counted(bound, "item"),
                       bound == 1 ? "fits" : "fit", excerpt_);
  }

  const SchemaNode& wanted_;
  const std::string excerpt_;
  const std::size_t least_;
  const std::size_t most_;
};

void AddContains(SchemaPart& part) {
  const std::size_t least = part.Count("minContains").value_or(1);
  const std::size_t most = part.Count("maxContains").value_or(kNoLimit);
  const SchemaNode* wanted = part.Subschema("contains");
  if (wanted != nullptr) part.Add<ContainsCheck>(*wanted, part.Excerpt("contains"), least, most);
}

}  // namespace

void AddArrayChecks(SchemaPart& part) {
  if (const auto bound = part.Count("minItems")) part.Add<ItemCountCheck>(*bound, false);
  if (const auto bound = part.Count("maxItems")) part.Add<ItemCountCheck>(*bound, true);
  if (const Json* items = part.Find("items"); items != nullptr && items->is_array()) {
    return part.Refuse("items", "must be one schema; a list of them is called prefixItems since 2020-12");
  }
  auto prefix = part.Subschemas("prefixItems");
  const SchemaNode* rest = part.Subschema("items");
  if (!prefix.empty() || rest != nullptr) part.Add<ItemsCheck>(std::move(prefix), rest);
  if (part.Flag("uniqueItems").value_or(false)) part.Add<UniqueItemsCheck>();
  AddContains(part);
}

}  // namespace mcpgate
