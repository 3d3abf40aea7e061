#include "notify/post.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mcpgate::notify {

absl::Status CheckUrl(std::string_view url, bool allow_private) {
  if (url.starts_with("https://") && url.size() > 8) return absl::OkStatus();
  if (url.starts_with("http://") && url.size() > 7) {
    if (allow_private) return absl::OkStatus();
    return absl::InvalidArgumentError("the URL begins with http://; over the internet it must be https://");
  }
  return absl::InvalidArgumentError("the URL must begin with https://");
}

net::HttpRequest JsonPost(std::string url, std::string body, bool allow_private, Nanos timeout) {
  net::HttpRequest request{.method = "POST",
                           .url = std::move(url),
                           .body = std::move(body),
                           .timeout = timeout,
                           .max_response = 64u << 10,
                           .public_only = !allow_private};
  request.headers.Add("Content-Type", "application/json");
  request.headers.Add("User-Agent", "mcpgate");
  return request;
}

absl::Status Send(net::HttpClient& client, net::HttpRequest request, std::string_view name,
                  std::initializer_list<int> final, std::stop_token stop) {
  const absl::StatusOr<net::HttpResponse> response = client.Send(std::move(request), std::move(stop));
  if (!response.ok()) {
    const std::string text(response.status().message());
    return absl::IsInvalidArgument(response.status()) ? absl::InvalidArgumentError(text)
                                                      : absl::UnavailableError(text);
  }
  const int status = response->status;
  if (status >= 200 && status < 300) return absl::OkStatus();
  const std::string text = fmt::format("{} answers {}", name, status);
  const bool is_final = std::find(final.begin(), final.end(), status) != final.end();
  return is_final ? absl::InvalidArgumentError(text) : absl::UnavailableError(text);
}

}  // namespace mcpgate::notify
