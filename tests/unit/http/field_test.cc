#include "transport/http/field.h"

#include <doctest/doctest.h>

namespace mcpgate::http {
namespace {

TEST_CASE("what would end a field, or hide what follows, is no part of one") {
  CHECK(IsFieldName("X-Request-Id"));
  CHECK_FALSE(IsFieldName(""));
  CHECK_FALSE(IsFieldName("X Id"));
  CHECK_FALSE(IsFieldName("X:Id"));
  CHECK_FALSE(IsFieldName("X\r\nId"));
  CHECK(IsFieldValue("a, b\t\xc3\xa4"));
  CHECK_FALSE(IsFieldValue("a\rb"));
  CHECK_FALSE(IsFieldValue("a\nb"));
  CHECK_FALSE(IsFieldValue(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace mcpgate::http
