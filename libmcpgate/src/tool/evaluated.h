// File: tool/evaluated.h
//
// Which members or items of one value some subschema has spoken about, for unevaluatedProperties and
// unevaluatedItems.
#pragma once

#include <cstddef>
#include <vector>

#include "mcpgate/json.h"

namespace mcpgate {

/// Evaluated
///
/// Members count in the order of their names. What a subschema that did not fit has said does not count:
/// Rewind() forgets it, at the price of what it said. Not thread-safe.
class Evaluated {
 public:
  explicit Evaluated(const Json& value) : value_(value), seen_(value.is_structured() ? value.size() : 0) {}

  bool IsAbout(const Json& value) const { return &value_ == &value; }
  bool Has(std::size_t index) const { return seen_[index]; }
  void Add(std::size_t index) {
    if (seen_[index]) return;
    seen_[index] = true;
    order_.push_back(index);
  }
  void AddAll(const Evaluated& other) {
    for (const std::size_t index : other.order_) Add(index);
  }

  std::size_t count() const { return order_.size(); }

  struct Mark {
    std::size_t count = 0;
    bool is_unsure = false;
  };
  Mark Here() const { return {order_.size(), is_unsure_}; }
  void Rewind(Mark mark) {
    for (; order_.size() > mark.count; order_.pop_back()) seen_[order_.back()] = false;
    is_unsure_ = mark.is_unsure;
  }

  /// No alternative fits, so it is not known what belongs to the value, which is refused for that reason and
  /// need not be for the other.
  void MarkUnsure() { is_unsure_ = true; }
  bool is_unsure() const { return is_unsure_; }

 private:
  const Json& value_;
  std::vector<bool> seen_;
  std::vector<std::size_t> order_;
  bool is_unsure_ = false;
};

}  // namespace mcpgate
