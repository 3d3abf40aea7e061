// File: transport/http/field.h
//
// What RFC 9110, section 5, says of field names and values.
#pragma once

#include <string_view>

namespace mcpgate::http {

bool IsFieldName(std::string_view text);
/// Without CR, LF and NUL, which would end the field or hide what follows.
bool IsFieldValue(std::string_view text);

}  // namespace mcpgate::http
