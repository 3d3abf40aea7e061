// File: transport/http/tls_context.h
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "absl/status/statusor.h"
#include "mcpgate/http.h"

namespace mcpgate::http {

/// TLS 1.2 and 1.3 with the certificate and key of these files, for HTTP/1.1. InvalidArgument says which file
/// is at fault. Safe for concurrent use once it is made.
absl::StatusOr<std::shared_ptr<SSL_CTX>> LoadTls(const HttpTls& files);

}  // namespace mcpgate::http
