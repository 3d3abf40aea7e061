#include "cli/web.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>

#include <chrono>
#include <memory>

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMaxBody = 4u << 20;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// curl_slist_append may move the head.
struct HeaderList {
  curl_slist* first = nullptr;
  ~HeaderList() { curl_slist_free_all(first); }
  void Add(const std::string& line) { first = curl_slist_append(first, line.c_str()); }
};

std::size_t TakeBody(char* bytes, std::size_t, std::size_t size, void* into) {
  std::string& body = static_cast<WebAnswer*>(into)->body;
  if (body.size() + size > kMaxBody) return 0;
  body.append(bytes, size);
  return size;
}

std::size_t TakeHeader(char* bytes, std::size_t, std::size_t size, void* into) {
  constexpr std::size_t kMaxHeaders = 200;
  auto& headers = static_cast<WebAnswer*>(into)->headers;
  const std::string_view line(bytes, size);
  const std::size_t colon = line.find(':');
  if (colon == line.npos || headers.size() >= kMaxHeaders) return size;
  const std::size_t first = line.find_first_not_of(" \t", colon + 1);
  const std::size_t end = line.find_last_not_of(" \t\r\n") + 1;
  headers.emplace_back(line.substr(0, colon), first >= end ? "" : line.substr(first, end - first));
  return size;
}

absl::StatusCode CodeOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StatusCode::kDeadlineExceeded;
    case CURLE_WRITE_ERROR:
      return absl::StatusCode::kResourceExhausted;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

void Prepare(CURL* handle, const WebRequest& request, const WebOptions& options, const HeaderList& headers,
             WebAnswer& answer) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count();
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(ms));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.first);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  if (request.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  if (request.method == "GET" || request.method == "HEAD") return;
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

std::optional<std::string> WebAnswer::Find(std::string_view name) const {
  for (const auto& [given, value] : headers) {
    if (given.size() == name.size() && strncasecmp(given.data(), name.data(), name.size()) == 0) return value;
  }
  return std::nullopt;
}

absl::StatusOr<WebAnswer> AskWeb(const WebRequest& request, const WebOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Handle handle(ready == CURLE_OK ? curl_easy_init() : nullptr, &curl_easy_cleanup);
  if (handle == nullptr) return absl::InternalError("libcurl does not start");
  HeaderList headers;
  for (const auto& [name, value] : request.headers) headers.Add(fmt::format("{}: {}", name, value));
  headers.Add("Expect:");
  WebAnswer answer;
  Prepare(handle.get(), request, options, headers, answer);
  const auto began = std::chrono::steady_clock::now();
  const CURLcode code = curl_easy_perform(handle.get());
  answer.took = std::chrono::steady_clock::now() - began;
  if (code != CURLE_OK) return absl::Status(CodeOf(code), curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace mcpgate::hosts
