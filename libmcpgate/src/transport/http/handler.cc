#include "mcpgate/http.h"

namespace mcpgate {

std::optional<HttpResponse> HttpHandler::Screen(const HttpRequest& /*request*/) { return std::nullopt; }

}  // namespace mcpgate
