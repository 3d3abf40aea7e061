#include "transport/http/response_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "transport/http/field.h"

namespace mcpgate::http {
namespace {

struct Reason {
  int status;
  std::string_view text;
};
// RFC 9110, section 15; 428, 429 and 431 from RFC 6585.
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::string_view ReasonOf(int status) {
  const auto* const found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                         [&](const Reason& reason) { return reason.status == status; });
  return found == std::end(kReasons) ? std::string_view() : found->text;
}

bool IsListenersField(std::string_view name) {
  static constexpr std::string_view kOurs[] = {"Content-Length", "Transfer-Encoding", "Connection", "Date"};
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [&](std::string_view ours) { return EqualsIgnoreCase(ours, name); });
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendHead(const HttpResponse& response, std::string_view date_line, bool close, std::string& out) {
  const fmt::format_int status(response.status);
  out.append("HTTP/1.1 ").append(status.data(), status.size()).append(1, ' ');
  out.append(ReasonOf(response.status)).append("\r\n").append(date_line);
  for (const auto& [name, value] : response.headers) {
    if (!IsListenersField(name)) AppendField(name, value, out);
  }
  if (close) AppendField("Connection", "close", out);
}

}  // namespace

bool IsSendable(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
           return IsFieldName(header.first) && IsFieldValue(header.second);
         });
}

bool HasNoBody(int status) { return status == 204 || status == 304; }

std::string DateLine(std::time_t now) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                     kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

void AppendAnswer(const HttpResponse& response, std::string_view date_line, bool is_head, bool close,
                  std::string& out) {
  AppendHead(response, date_line, close, out);
  if (HasNoBody(response.status)) {
    out.append("\r\n");
    return;
  }
  const fmt::format_int length(response.body.size());
  out.append("Content-Length: ").append(length.data(), length.size()).append("\r\n\r\n");
  if (!is_head) out.append(response.body);
}

void AppendStreamHead(const HttpResponse& head, std::string_view date_line, bool chunked, bool close,
                      std::string& out) {
  AppendHead(head, date_line, close, out);
  if (chunked && !HasNoBody(head.status)) AppendField("Transfer-Encoding", "chunked", out);
  out.append("\r\n");
}

void AppendChunk(std::string_view bytes, std::string& out) {
  if (bytes.empty()) return;  // an empty chunk would be the last one
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
  out.append(bytes).append("\r\n");
}

HttpResponse TextAnswer(int status, std::string_view text) {
  HttpResponse response{.status = status, .body = std::string(text)};
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body.push_back('\n');
  return response;
}

HttpResponse InternalError() { return TextAnswer(500, "the server failed on this request"); }

}  // namespace mcpgate::http
