// File: schema_fields.h
//
// What schema.h is made of; nothing here is meant to be used directly.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/tool.h"

namespace mcpgate::schema_detail {

/// FieldList
///
/// The half of Schema<T> that does not depend on T. The first mistake is kept; see Check.
class MCPGATE_EXPORT FieldList {
 public:
  void Add(std::string name, Json schema, bool optional, std::string description);
  void AddRule(std::string_view modifier, std::string_view type, std::string_view keyword, Json value);
  void SetDefault(Json value);
  void Note(const absl::Status& problem);

  Json ToJson() const;
  absl::Status Check() const;
  bool IsRequired(std::size_t field) const;
  /// The field's value in `object`, or its default, or nullptr.
  const Json* Given(std::size_t field, const Json& object) const;
  absl::Status Misfit(std::size_t field) const;

 private:
  struct Entry {
    std::string name;
    Json schema;
    bool optional;
    std::optional<Json> fallback;
  };
  Entry* Last(std::string_view modifier);

  std::vector<Entry> entries_;
  absl::Status problem_;
};

MCPGATE_EXPORT bool ReadSigned(const Json& value, std::int64_t& out);
MCPGATE_EXPORT bool ReadUnsigned(const Json& value, std::uint64_t& out);
MCPGATE_EXPORT bool ReadDouble(const Json& value, double& out);

/// A codec knows the JSON Schema of one C++ type and how to read it. Read answers false for what does not
/// fit.
template <typename M>
struct Codec {
  static_assert(!std::is_same_v<M, M>,
                "Schema: a field must be bool, an integer, double, std::string, Json, or std::optional or "
                "std::vector of these; for a struct, give Field its Schema as the third argument");
};

template <>
struct Codec<bool> {
  static constexpr bool kOptional = false;
  static Json Schema() { return {{"type", "boolean"}}; }
  static bool Read(const Json& value, bool& out) {
    const auto* given = value.get_ptr<const bool*>();
    if (given != nullptr) out = *given;
    return given != nullptr;
  }
};

template <typename M>
concept Integer =
    std::integral<M> && !std::same_as<M, bool> && !std::same_as<M, char> && !std::same_as<M, wchar_t> &&
    !std::same_as<M, char8_t> && !std::same_as<M, char16_t> && !std::same_as<M, char32_t>;

template <Integer M>
struct Codec<M> {
  static constexpr bool kOptional = false;
  /// Bounds of 64 bits are left out: no client can use them, and Read refuses what exceeds them.
  static Json Schema() {
    Json schema = {{"type", "integer"}};
    if (std::unsigned_integral<M> || sizeof(M) < 8) schema["minimum"] = std::numeric_limits<M>::min();
    if (sizeof(M) < 8) schema["maximum"] = std::numeric_limits<M>::max();
    return schema;
  }
  static bool Read(const Json& value, M& out) {
    std::conditional_t<std::signed_integral<M>, std::int64_t, std::uint64_t> wide = 0;
    bool fits = false;
    if constexpr (std::signed_integral<M>) {
      fits = ReadSigned(value, wide);
    } else {
      fits = ReadUnsigned(value, wide);
    }
    if (!fits || !std::in_range<M>(wide)) return false;
    out = static_cast<M>(wide);
    return true;
  }
};

template <>
struct Codec<double> {
  static constexpr bool kOptional = false;
  static Json Schema() { return {{"type", "number"}}; }
  static bool Read(const Json& value, double& out) { return ReadDouble(value, out); }
};

template <>
struct Codec<std::string> {
  static constexpr bool kOptional = false;
  static Json Schema() { return {{"type", "string"}}; }
  static bool Read(const Json& value, std::string& out) {
    const auto* given = value.get_ptr<const std::string*>();
    if (given != nullptr) out = *given;
    return given != nullptr;
  }
};

template <>
struct Codec<Json> {
  static constexpr bool kOptional = false;
  static Json Schema() { return Json::object(); }
  static bool Read(const Json& value, Json& out) {
    out = value;
    return true;
  }
};

/// A struct, by its Schema.
template <typename M, typename SchemaOfM>
struct NestedCodec {
  static constexpr bool kOptional = false;
  std::shared_ptr<const SchemaOfM> of;

  explicit NestedCodec(const SchemaOfM& schema) : of(std::make_shared<const SchemaOfM>(schema)) {}
  Json Schema() const { return of->Json(); }
  bool Read(const Json& value, M& out) const {
    auto decoded = of->Decode(value);
    if (decoded.ok()) out = *std::move(decoded);
    return decoded.ok();
  }
};

/// What optional and vector add to the codec of their element.
template <typename Element>
struct OptionalCodec : Element {
  static_assert(!Element::kOptional, "Schema: a std::optional of a std::optional has no meaning in JSON");
  static constexpr bool kOptional = true;
  using Element::Element;
  template <typename M>
  bool Read(const Json& value, std::optional<M>& out) const {
    return Element::Read(value, out.emplace());
  }
};

template <typename Element>
struct VectorCodec : Element {
  static_assert(!Element::kOptional, "Schema: a std::vector of std::optional has no meaning in JSON");
  using Element::Element;
  Json Schema() const { return {{"type", "array"}, {"items", Element::Schema()}}; }
  template <typename M>
  bool Read(const Json& value, std::vector<M>& out) const {
    if (!value.is_array()) return false;
    for (const Json& item : value) {
      M element{};
      if (!Element::Read(item, element)) return false;
      out.push_back(std::move(element));
    }
    return true;
  }
};

template <typename M>
struct Codec<std::optional<M>> : OptionalCodec<Codec<M>> {};
template <typename M>
struct Codec<std::vector<M>> : VectorCodec<Codec<M>> {};
template <typename M, typename S>
struct NestedCodec<std::optional<M>, S> : OptionalCodec<NestedCodec<M, S>> {
  using OptionalCodec<NestedCodec<M, S>>::OptionalCodec;
};
template <typename M, typename S>
struct NestedCodec<std::vector<M>, S> : VectorCodec<NestedCodec<M, S>> {
  using VectorCodec<NestedCodec<M, S>>::VectorCodec;
};

inline absl::StatusOr<ToolResult> AsResult(absl::StatusOr<ToolResult> result) { return result; }
inline absl::StatusOr<ToolResult> AsResult(std::string text) { return ToolResult::Text(std::move(text)); }
inline absl::StatusOr<ToolResult> AsResult(const char* text) { return ToolResult::Text(text); }
inline absl::StatusOr<ToolResult> AsResult(absl::StatusOr<std::string> text) {
  if (!text.ok()) return text.status();
  return ToolResult::Text(*std::move(text));
}

template <typename R>
concept Answer =
    std::same_as<R, std::string> || std::same_as<R, const char*> || std::same_as<R, ToolResult> ||
    std::same_as<R, absl::StatusOr<std::string>> || std::same_as<R, absl::StatusOr<ToolResult>>;

/// How a tool's function is called, and whether it can be.
template <typename Fn, typename T>
struct FunctionTraits {
  static constexpr bool kWithContext = std::is_invocable_v<const Fn&, const T&, CallContext&>;
  static constexpr bool kCallable = kWithContext || std::is_invocable_v<const Fn&, const T&>;

  static decltype(auto) Call(const Fn& fn, const T& arguments, CallContext& context) {
    if constexpr (kWithContext) {
      return fn(arguments, context);
    } else if constexpr (kCallable) {
      return fn(arguments);
    } else {
      return std::string();
    }
  }
  static constexpr bool kAnswers = Answer<std::remove_cvref_t<decltype(Call(
      std::declval<const Fn&>(), std::declval<const T&>(), std::declval<CallContext&>()))>>;
};

}  // namespace mcpgate::schema_detail
