// File: base/json_events.h
//
// JSON as a stream of events: for readers that need no value of most of a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// JsonEvents
///
/// Hears what a text says, in its order. False ends the reading; `problem` then says why. Views are gone
/// after the event.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual bool Null() = 0;
  virtual bool Boolean(bool value) = 0;
  virtual bool Integer(std::int64_t value) = 0;
  virtual bool Unsigned(std::uint64_t value) = 0;  ///< from 2^63 on; smaller ones are Integer's
  virtual bool Double(double value) = 0;
  virtual bool String(std::string_view value) = 0;
  virtual bool Key(std::string_view name) = 0;
  virtual bool StartObject() = 0;
  virtual bool EndObject() = 0;
  virtual bool StartArray() = 0;
  virtual bool EndArray() = 0;
  virtual const std::string& problem() const = 0;
};

/// One JSON text (RFC 8259), checked to its last byte, as events. InvalidArgument as of ParseJson, except
/// that repeated member names are the listener's to refuse.
absl::Status ReadJson(std::string_view text, JsonEvents& events, JsonLimits limits = {});

/// JsonBuilder
///
/// Builds a value of the events, and refuses an object that repeats a member name: the last of two would win
/// here and perhaps the first elsewhere, and two readers of one message must not disagree.
class JsonBuilder final : public JsonEvents {
 public:
  /// `into` outlives the building.
  explicit JsonBuilder(Json& into) : root_(&into) {}
  /// The next value goes there.
  void Into(Json& into) { root_ = &into; }

  bool Null() override { return Place(nullptr); }
  bool Boolean(bool value) override { return Place(value); }
  bool Integer(std::int64_t value) override;
  bool Unsigned(std::uint64_t value) override { return Place(value); }
  bool Double(double value) override { return Place(value); }
  bool String(std::string_view value) override { return Place(value); }
  bool Key(std::string_view name) override;
  bool StartObject() override { return Open(Json::object()); }
  bool EndObject() override { return Close(); }
  bool StartArray() override { return Open(Json::array()); }
  bool EndArray() override { return Close(); }
  const std::string& problem() const override { return problem_; }

 private:
  Json* Slot(Json&& value);
  bool Place(Json&& value) {
    Slot(std::move(value));
    return true;
  }
  bool Open(Json&& container) {
    open_.push_back(Slot(std::move(container)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  Json* root_;
  absl::InlinedVector<Json*, 8> open_;  // a parent never grows while a child is open, so the pointers hold
  Json* slot_ = nullptr;                // the member whose name was read last
  std::string problem_;
};

}  // namespace mcpgate
