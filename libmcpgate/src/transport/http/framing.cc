#include "transport/http/framing.h"

#include <charconv>
#include <system_error>

namespace mcpgate::http {
namespace {

bool ReadLength(std::string_view text, std::uint64_t& length) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  return !text.empty() && stop == end && error == std::errc();
}

// How often the fields that decide were there.
struct Seen {
  int lengths = 0, encodings = 0, hosts = 0;
};

int ReadField(const HttpHeader& header, bool is_http11, Framing& framing, Seen& seen) {
  if (EqualsIgnoreCase(header.name, "Content-Length")) {
    return ++seen.lengths > 1 || !ReadLength(header.value, framing.content_length) ? 400 : 0;
  }
  if (EqualsIgnoreCase(header.name, "Transfer-Encoding")) {
    if (++seen.encodings > 1 || !is_http11) return 400;
    framing.chunked = EqualsIgnoreCase(header.value, "chunked");
    return framing.chunked ? 0 : 501;
  }
  if (EqualsIgnoreCase(header.name, "Host")) return ++seen.hosts > 1 ? 400 : 0;
  if (is_http11 && EqualsIgnoreCase(header.name, "Expect")) {
    framing.expects_continue = EqualsIgnoreCase(header.value, "100-continue");
    return framing.expects_continue ? 0 : 417;
  }
  return 0;
}

}  // namespace

int ReadFraming(std::span<const HttpHeader> headers, bool is_http11, Framing& framing) {
  framing = {};
  Seen seen;
  int refusal = 0;
  for (const HttpHeader& header : headers) {
    const int status = ReadField(header, is_http11, framing, seen);
    // A frame that is in doubt matters more than an expectation that cannot be met.
    if (status != 0 && (refusal == 0 || refusal == 417)) refusal = status;
  }
  const bool is_ambiguous = seen.lengths > 0 && seen.encodings > 0;
  if (is_ambiguous || (is_http11 && seen.hosts == 0)) return 400;
  return refusal;
}

}  // namespace mcpgate::http
