// File: transport/http/response_text.h
//
// Answers as bytes, appended to one buffer so that one write sends them.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "mcpgate/http.h"

namespace mcpgate::http {

/// A final status, and fields that end where they say: nothing a client could be made to read as a second
/// answer.
bool IsSendable(const HttpResponse& response);
/// 204 and 304 end with their head (RFC 9110, section 6.4.1).
bool HasNoBody(int status);

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
std::string DateLine(std::time_t now);

/// The whole answer; of a HEAD request, without the body.
void AppendAnswer(const HttpResponse& response, std::string_view date_line, bool is_head, bool close,
                  std::string& out);
/// The head of a body that comes in pieces: in chunks, or up to the end of the connection.
void AppendStreamHead(const HttpResponse& head, std::string_view date_line, bool chunked, bool close,
                      std::string& out);
void AppendChunk(std::string_view bytes, std::string& out);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// A short text, for what is refused before or beside the handler.
HttpResponse TextAnswer(int status, std::string_view text);
HttpResponse InternalError();

}  // namespace mcpgate::http
