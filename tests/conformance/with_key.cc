#include "with_key.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcpgate::conformance {
namespace {

class HandlerWithKey : public HttpHandler {
 public:
  HandlerWithKey(std::shared_ptr<HttpHandler> inner, const Secret& key)
      : inner_(std::move(inner)), authorization_("Bearer " + std::string(RevealSecret(key))) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    const std::vector<HttpHeader> headers = Headers(request);
    return inner_->Screen(With(request, headers));
  }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    const std::vector<HttpHeader> headers = Headers(request);
    inner_->Handle(With(request, headers), std::move(exchange));
  }

 private:
  /// Views live as long as the call, and so does what this returns.
  std::vector<HttpHeader> Headers(const HttpRequest& request) const {
    std::vector<HttpHeader> headers(request.headers.begin(), request.headers.end());
    headers.push_back({.name = "Authorization", .value = authorization_});
    return headers;
  }

  static HttpRequest With(HttpRequest request, const std::vector<HttpHeader>& headers) {
    request.headers = headers;
    return request;
  }

  const std::shared_ptr<HttpHandler> inner_;
  const std::string authorization_;
};

}  // namespace

std::shared_ptr<HttpHandler> NewHandlerWithKey(std::shared_ptr<HttpHandler> inner, const Secret& key) {
  return std::make_shared<HandlerWithKey>(std::move(inner), key);
}

}  // namespace mcpgate::conformance
