// File: transport/http/framing.h
//
// Where a request's body ends (RFC 9112, section 6), read strictly: a message that two servers could cut in
// different places is refused.
#pragma once

#include <cstdint>
#include <span>

#include "mcpgate/http.h"

namespace mcpgate::http {

struct Framing {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length > 0; }
};

/// 0, or the status of the refusal.
int ReadFraming(std::span<const HttpHeader> headers, bool is_http11, Framing& framing);

}  // namespace mcpgate::http
