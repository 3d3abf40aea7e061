#include "tool/json_order.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace mcpgate {
namespace {

__extension__ typedef unsigned __int128 Wide;

// Four times what ParseJson admits. What is nested deeper was made by hand; it counts as endless work.
constexpr int kMaxDepth = 256;
constexpr std::size_t kBeyondAnyBound = 1'000'000'000'000;

constexpr double kTwoTo64 = 18446744073709551616.0;

int Sign(bool above, bool below) { return static_cast<int>(above) - static_cast<int>(below); }

template <typename T>
int Order(const T& a, const T& b) {
  return Sign(b < a, a < b);
}

struct Whole {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

Whole WholeOf(const Json& number) {
  if (number.is_number_unsigned()) return {false, *number.get_ptr<const Json::number_unsigned_t*>()};
  const std::int64_t value = *number.get_ptr<const Json::number_integer_t*>();
  if (value >= 0) return {false, static_cast<std::uint64_t>(value)};
  return {true, 0 - static_cast<std::uint64_t>(value)};
}

double DoubleOf(const Json& number) { return *number.get_ptr<const Json::number_float_t*>(); }

int OrderWholes(Whole a, Whole b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  return a.negative ? Order(b.magnitude, a.magnitude) : Order(a.magnitude, b.magnitude);
}

int OrderMagnitudes(std::uint64_t whole, double other) {
  if (other >= kTwoTo64) return -1;
  const auto truncated = static_cast<std::uint64_t>(other);
  if (truncated != whole) return Order(whole, truncated);
  return other > std::trunc(other) ? -1 : 0;
}

int OrderMixed(Whole a, double b) {
  if (std::isnan(b)) return 1;
  if (a.negative != (b < 0)) return a.negative ? -1 : 1;
  return a.negative ? -OrderMagnitudes(a.magnitude, -b) : OrderMagnitudes(a.magnitude, b);
}

int OrderDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return Sign(std::isnan(b) && !std::isnan(a), std::isnan(a) && !std::isnan(b));
  return Order(a, b);
}

int Rank(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return 0;
    case Json::value_t::boolean:
      return 1;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return 2;
    case Json::value_t::string:
      return 3;
    case Json::value_t::array:
      return 4;
    case Json::value_t::object:
      return 5;
    default:
      return 6;
  }
}

int CompareTexts(const std::string& a, const std::string& b, std::size_t& steps) {
  steps += std::min(a.size(), b.size()) / 64;
  return a.compare(b);
}

int CompareAt(int depth, const Json& a, const Json& b, std::size_t& steps);

int CompareArrays(int depth, const Json::array_t& a, const Json::array_t& b, std::size_t& steps) {
  if (a.size() != b.size()) return Order(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const int order = CompareAt(depth, a[i], b[i], steps); order != 0) return order;
  }
  return 0;
}

int CompareObjects(int depth, const Json::object_t& a, const Json::object_t& b, std::size_t& steps) {
  if (a.size() != b.size()) return Order(a.size(), b.size());
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    if (const int order = CompareTexts(left->first, right->first, steps); order != 0) return order;
    if (const int order = CompareAt(depth, left->second, right->second, steps); order != 0) return order;
  }
  return 0;
}

int CompareAt(int depth, const Json& a, const Json& b, std::size_t& steps) {
  ++steps;
  if (const int order = Order(Rank(a), Rank(b)); order != 0) return order;
  switch (Rank(a)) {
    case 1:
      return Order(*a.get_ptr<const bool*>(), *b.get_ptr<const bool*>());
    case 2:
      return CompareNumbers(a, b);
    case 3:
      return CompareTexts(*a.get_ptr<const std::string*>(), *b.get_ptr<const std::string*>(), steps);
    default:
      break;
  }
  if (depth >= kMaxDepth) {
    steps += kBeyondAnyBound;
    return 0;
  }
  if (a.is_array()) {
    return CompareArrays(depth + 1, *a.get_ptr<const Json::array_t*>(), *b.get_ptr<const Json::array_t*>(),
                         steps);
  }
  if (!a.is_object()) return 0;
  return CompareObjects(depth + 1, *a.get_ptr<const Json::object_t*>(), *b.get_ptr<const Json::object_t*>(),
                        steps);
}

// digits * 10^exponent.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

// The shortest decimal that reads back as `number`: what its author wrote, unless with more than 17 digits.
Decimal DecimalOf(const Json& number) {
  if (number.is_number_integer()) return {WholeOf(number).magnitude, 0};
  char text[64];
  const auto end =
      std::to_chars(text, text + sizeof text, std::abs(DoubleOf(number)), std::chars_format::scientific);
  const std::string_view written(text, static_cast<std::size_t>(end.ptr - text));
  const std::size_t e = written.find('e');
  Decimal decimal;
  int fraction = 0;
  for (const char c : written.substr(0, e)) {
    if (c == '.') continue;
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(c - '0');
    ++fraction;
  }
  const char* exponent = text + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent, end.ptr, decimal.exponent);
  decimal.exponent -= fraction - 1;
  return decimal;
}

std::uint64_t MultiplyModulo(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(Wide{a} * b % modulus);
}

std::uint64_t PowerOfTenModulo(int exponent, std::uint64_t modulus) {
  std::uint64_t result = 1 % modulus;
  std::uint64_t square = 10 % modulus;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = MultiplyModulo(result, square, modulus);
    square = MultiplyModulo(square, square, modulus);
  }
  return result;
}

bool Divides(Decimal divisor, Decimal number) {
  const int shift = number.exponent - divisor.exponent;
  if (shift >= 0) {
    return MultiplyModulo(number.digits % divisor.digits, PowerOfTenModulo(shift, divisor.digits),
                          divisor.digits) == 0;
  }
  for (int i = shift; i < 0; ++i) {
    if (divisor.digits > number.digits / 10) return false;  // ten times it exceeds the number
    divisor.digits *= 10;
  }
  return number.digits % divisor.digits == 0;
}

}  // namespace

int CompareNumbers(const Json& a, const Json& b) {
  const bool a_is_whole = a.is_number_integer();
  const bool b_is_whole = b.is_number_integer();
  if (a_is_whole && b_is_whole) return OrderWholes(WholeOf(a), WholeOf(b));
  if (a_is_whole) return OrderMixed(WholeOf(a), DoubleOf(b));
  if (b_is_whole) return -OrderMixed(WholeOf(b), DoubleOf(a));
  return OrderDoubles(DoubleOf(a), DoubleOf(b));
}

int CompareJson(const Json& a, const Json& b, std::size_t& steps) { return CompareAt(0, a, b, steps); }

bool IsWhole(const Json& number) {
  if (number.is_number_integer()) return true;
  return number.is_number_float() && std::isfinite(DoubleOf(number)) &&
         std::trunc(DoubleOf(number)) == DoubleOf(number);
}

bool IsMultipleOf(const Json& number, const Json& divisor) {
  if (number.is_number_float() && !std::isfinite(DoubleOf(number))) return false;
  const Decimal value = DecimalOf(number);
  return value.digits == 0 || Divides(DecimalOf(divisor), value);
}

}  // namespace mcpgate
