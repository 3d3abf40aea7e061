#include "client.h"

#include "sandbox/http_message.h"

namespace mcpgate::testing {
namespace {

size_t AppendBody(char* bytes, size_t size, size_t count, void* answer) {
  static_cast<Answer*>(answer)->text.append(bytes, size * count);
  return size * count;
}

size_t AppendHeader(char* bytes, size_t size, size_t count, void* answer) {
  const std::string_view line(bytes, size * count);
  const size_t colon = line.find(": ");
  const size_t end = line.find_last_not_of("\r\n");
  if (colon != std::string_view::npos && end != std::string_view::npos) {
    static_cast<Answer*>(answer)->headers.emplace_back(line.substr(0, colon),
                                                       line.substr(colon + 2, end - colon - 1));
  }
  return size * count;
}

}  // namespace

std::string Answer::Header(std::string_view name) const {
  const std::string* value = sandbox::FindHeader(headers, name);
  return value == nullptr ? "" : *value;
}

int Answer::Code() const { return static_cast<int>(IntegerOr(body, "code", -1)); }

std::string Answer::FormError(std::string_view path) const {
  const Json* node = FindObject(body, "errors");
  while (node != nullptr && !path.empty()) {
    const size_t end = path.find('/');
    node = FindObject(*node, path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  if (node == nullptr) return "";
  const Json* errors = FindArray(*node, "_errors");
  return errors == nullptr || errors->empty() ? "" : StringOr((*errors)[0], "code", "");
}

Client::Client(const Sandbox& sandbox)
    : token(RevealSecret(sandbox.token())), curl_(curl_easy_init()), base_url_(sandbox.base_url()) {}

Client::~Client() { curl_easy_cleanup(curl_); }

Answer Client::Request(const std::string& method, const std::string& path, const std::string& body) {
  Answer answer;
  const std::string url = path.rfind("http", 0) == 0 ? path : base_url_ + path;
  curl_slist* headers = nullptr;
  headers = curl_slist_append(headers, ("Authorization: Bot " + token).c_str());
  headers = curl_slist_append(headers, ("Content-Type: " + content_type).c_str());
  if (!extra_header.empty()) headers = curl_slist_append(headers, extra_header.c_str());
  curl_easy_reset(curl_);
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl_, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, 30'000L);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
  if (method != "GET") {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, AppendHeader);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer);
  answer.result = curl_easy_perform(curl_);
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_slist_free_all(headers);
  if (auto parsed = ParseJson(answer.text); parsed.ok()) answer.body = *std::move(parsed);
  return answer;
}

}  // namespace mcpgate::testing
