// File: schema.h
//
// Typed tools. One declaration gives the JSON Schema, the decoder and the message for a wrong argument:
//
//   struct Greeting { std::string name; std::optional<std::int64_t> times; };
//   Tool greet = MakeTool("greet", "Greets somebody.",
//       Schema<Greeting>().Field("name", &Greeting::name, "Whom to greet").MaxLength(80)
//                         .Field("times", &Greeting::times, "How often").Between(1, 5),
//       [](const Greeting& g) { return "Hello, " + g.name; });
//   greet.role = Role::kReader;
//
// A field may be bool, an integer, double, std::string, Json (anything), a struct with its own Schema, or a
// std::vector of these; std::optional of any of them need not be given.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/schema_fields.h"
#include "mcpgate/tool.h"

namespace mcpgate {

/// Schema
///
/// How T looks as a JSON object. T must be default-constructible. Not thread-safe while it is built; safe for
/// concurrent use afterwards.
///
/// A modifier speaks of the field before it; for a std::vector, length, range, Pattern and OneOf speak of its
/// items. One that does not suit its field is kept as the schema's problem.
template <typename T>
class Schema {
 public:
  template <typename M>
  Schema& Field(std::string name, M T::*member, std::string description = {}) {
    return Add(std::move(name), member, schema_detail::Codec<M>(), std::move(description));
  }
  /// `member` is a U, or an optional or vector of U.
  template <typename M, typename U>
  Schema& Field(std::string name, M T::*member, const Schema<U>& of, std::string description = {}) {
    fields_.Note(of.status());
    return Add(std::move(name), member, schema_detail::NestedCodec<M, Schema<U>>(of), std::move(description));
  }

  Schema& MinLength(std::size_t characters) { return Rule("MinLength", "string", "minLength", characters); }
  Schema& MaxLength(std::size_t characters) { return Rule("MaxLength", "string", "maxLength", characters); }
  /// ECMA-262, found anywhere in the text unless anchored.
  Schema& Pattern(std::string regex) { return Rule("Pattern", "string", "pattern", std::move(regex)); }
  Schema& OneOf(std::vector<std::string> options) {
    return Rule("OneOf", "string", "enum", std::move(options));
  }
  Schema& AtLeast(mcpgate::Json number) { return Rule("AtLeast", "number", "minimum", std::move(number)); }
  Schema& AtMost(mcpgate::Json number) { return Rule("AtMost", "number", "maximum", std::move(number)); }
  Schema& Between(mcpgate::Json least, mcpgate::Json most) {
    return AtLeast(std::move(least)).AtMost(std::move(most));
  }
  Schema& MinItems(std::size_t count) { return Rule("MinItems", "array", "minItems", count); }
  Schema& MaxItems(std::size_t count) { return Rule("MaxItems", "array", "maxItems", count); }
  /// What the field is when it is not given.
  Schema& Default(mcpgate::Json value) {
    fields_.SetDefault(std::move(value));
    return *this;
  }

  /// The JSON Schema: an object with these properties and no others; also for Tool::output_schema.
  mcpgate::Json Json() const { return fields_.ToJson(); }
  /// The first mistake in the declaration.
  absl::Status status() const { return fields_.Check(); }
  /// `value` fits the schema. InvalidArgument when it does not after all, or an integer exceeds its C++ type.
  absl::StatusOr<T> Decode(const mcpgate::Json& value) const {
    T decoded{};
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      const mcpgate::Json* member = fields_.Given(i, value);
      const bool fits = member == nullptr ? !fields_.IsRequired(i) : readers_[i](*member, decoded);
      if (!fits) return fields_.Misfit(i);
    }
    return decoded;
  }

 private:
  template <typename M, typename Codec>
  Schema& Add(std::string name, M T::*member, Codec codec, std::string description) {
    fields_.Add(std::move(name), codec.Schema(), Codec::kOptional, std::move(description));
    readers_.push_back([member, codec = std::move(codec)](const mcpgate::Json& value, T& decoded) {
      return codec.Read(value, decoded.*member);
    });
    return *this;
  }

  Schema& Rule(const char* modifier, const char* type, const char* keyword, mcpgate::Json value) {
    fields_.AddRule(modifier, type, keyword, std::move(value));
    return *this;
  }

  schema_detail::FieldList fields_;
  std::vector<std::function<bool(const mcpgate::Json&, T&)>> readers_;
};

/// For a tool that takes none: `Schema<NoArguments>()`.
struct NoArguments {};

/// MakeTool()
///
/// A tool from a schema and `fn(const T&)` or `fn(const T&, CallContext&)`, which returns std::string,
/// ToolResult or absl::StatusOr of either, and is called from several threads at once. Set the other fields
/// of the Tool afterwards. A mistake in the schema is reported when the tool is registered.
template <typename T, typename Fn>
Tool MakeTool(std::string name, std::string description, const Schema<T>& schema, Fn fn) {
  using Traits = schema_detail::FunctionTraits<Fn, T>;
  static_assert(Traits::kCallable,
                "MakeTool: fn must be callable, as const, with (const T&) or (const T&, CallContext&)");
  static_assert(!Traits::kCallable || Traits::kAnswers,
                "MakeTool: fn must return std::string, ToolResult, or absl::StatusOr of one of these");
  Tool tool;
  tool.name = std::move(name);
  tool.description = std::move(description);
  tool.input_schema = schema.Json();
  tool.problem = schema.status();
  tool.handler = [schema, fn = std::move(fn)](const Json& arguments,
                                              CallContext& context) -> absl::StatusOr<ToolResult> {
    const absl::StatusOr<T> decoded = schema.Decode(arguments);
    if (!decoded.ok()) return decoded.status();
    return schema_detail::AsResult(Traits::Call(fn, *decoded, context));
  };
  return tool;
}

}  // namespace mcpgate
