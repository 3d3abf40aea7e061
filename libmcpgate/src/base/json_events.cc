// The only translation unit that reads JSON text. Boost's parser finds the tokens, several times as fast as
// nlohmann's; where it refuses, nlohmann's reads again, for the words that a person can act on.
#include "base/json_events.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <system_error>

namespace mcpgate {
namespace {

using BoostCode = boost::json::error_code;
using BoostText = boost::json::string_view;

std::string_view View(BoostText text) { return {text.data(), text.size()}; }

// What the parser calls; a token may come in parts when it has escapes.
struct Tokens {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  JsonEvents* events = nullptr;
  std::string partial{};

  bool Go(bool on, BoostCode& code) const {
    if (!on) code = boost::json::error::syntax;  // any code stops it
    return on;
  }
  bool Part(BoostText text) {
    partial.append(text.data(), text.size());
    return true;
  }
  template <typename Event>
  bool Whole(BoostText last, BoostCode& code, Event event) {
    if (partial.empty()) return Go(event(View(last)), code);
    Part(last);
    const bool on = event(std::string_view(partial));
    partial.clear();
    return Go(on, code);
  }

  bool on_document_begin(BoostCode&) { return true; }
  bool on_document_end(BoostCode&) { return true; }
  bool on_object_begin(BoostCode& code) { return Go(events->StartObject(), code); }
  bool on_object_end(std::size_t, BoostCode& code) { return Go(events->EndObject(), code); }
  bool on_array_begin(BoostCode& code) { return Go(events->StartArray(), code); }
  bool on_array_end(std::size_t, BoostCode& code) { return Go(events->EndArray(), code); }
  bool on_key_part(BoostText text, std::size_t, BoostCode&) { return Part(text); }
  bool on_key(BoostText text, std::size_t, BoostCode& code) {
    return Whole(text, code, [this](std::string_view name) { return events->Key(name); });
  }
  bool on_string_part(BoostText text, std::size_t, BoostCode&) { return Part(text); }
  bool on_string(BoostText text, std::size_t, BoostCode& code) {
    return Whole(text, code, [this](std::string_view value) { return events->String(value); });
  }
  bool on_number_part(BoostText text, BoostCode&) { return Part(text); }
  bool on_int64(std::int64_t value, BoostText, BoostCode& code) {
    partial.clear();
    return Go(events->Integer(value), code);
  }
  bool on_uint64(std::uint64_t value, BoostText, BoostCode& code) {
    partial.clear();
    return Go(events->Unsigned(value), code);
  }
  // The parser's own value may be off by the last bit.
  bool on_double(double rough, BoostText text, BoostCode& code) {
    return Whole(text, code, [this, rough](std::string_view digits) {
      double value = rough;
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return std::isfinite(value) && events->Double(value);
    });
  }
  bool on_bool(bool value, BoostCode& code) { return Go(events->Boolean(value), code); }
  bool on_null(BoostCode& code) { return Go(events->Null(), code); }
  bool on_comment_part(BoostText, BoostCode&) { return true; }
  bool on_comment(BoostText, BoostCode&) { return true; }
};

// nlohmann: "[json.exception.parse_error.101] parse error at line 1, column 2: ..."; what a person needs.
struct Words : nlohmann::json_sax<Json> {
  std::string said;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string_view what = error.what();
    const std::size_t colon = what.find(": ");
    if (colon != std::string_view::npos) what.remove_prefix(colon + 2);
    said = fmt::format("at byte {}: {}", position, what.substr(0, 200));
    return false;
  }
};

std::string WhyNot(std::string_view text, std::size_t position, const BoostCode& code) {
  Words words;
  if (!Json::sax_parse(text.begin(), text.end(), &words)) return words.said;
  return fmt::format("at byte {}: {}", position, code.message());
}

}  // namespace

absl::Status ReadJson(std::string_view text, JsonEvents& events, JsonLimits limits) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark, as editors leave one
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  boost::json::basic_parser<Tokens> parser(options, Tokens{.events = &events});
  BoostCode code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (!code && read == text.size()) return absl::OkStatus();
  std::string why;
  if (!events.problem().empty()) {
    why = events.problem();
  } else if (code == boost::json::error::too_deep) {
    why = fmt::format("nested deeper than {} levels", limits.max_depth);
  } else {
    why = WhyNot(text, read, code ? code : BoostCode(boost::json::error::extra_data));
  }
  return absl::InvalidArgumentError("not acceptable JSON: " + why);
}

}  // namespace mcpgate
