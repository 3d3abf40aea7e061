#include "mcpgate/http.h"

namespace mcpgate {

void HttpHandler::AddHeaders(const HttpRequest&, HttpResponse&) {}

void HttpHandler::OnRefused(const HttpRefusal&) {}

std::optional<HttpResponse> HttpHandler::Screen(const HttpRequest& /*request*/) { return std::nullopt; }

void HttpExchange::BeginTunnel(std::function<void(std::string_view)> /*take*/) {
  Respond({.status = 501,
           .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
           .body = "this server speaks no other protocol\n"});
}

}  // namespace mcpgate
