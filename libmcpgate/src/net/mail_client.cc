#include "net/mail_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "net/blocked_signals.h"
#include "net/curl_socket.h"
#include "net/http_client.h"

namespace mcpgate::net {
namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Upload {
  std::string_view rest;
  const std::stop_token& stop;
  bool refused_address = false;
};

std::size_t OnRead(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  const std::size_t n = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), n);
  upload.rest.remove_prefix(n);
  return n;
}

int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Upload*>(context)->stop.stop_requested() ? 1 : 0;
}

std::unique_ptr<curl_slist, FreeList> ListOf(const std::vector<std::string>& lines) {
  std::unique_ptr<curl_slist, FreeList> list;
  for (const std::string& line : lines) {
    curl_slist* const grown = curl_slist_append(list.get(), line.c_str());
    if (grown == nullptr) return nullptr;
    static_cast<void>(list.release());
    list.reset(grown);
  }
  return list;
}

bool SetEnvelope(CURL* easy, const Mail& mail, curl_slist* to) {
  bool ok = curl_easy_setopt(easy, CURLOPT_URL, mail.url.c_str()) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail.from.c_str()) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to) == CURLE_OK;
  if (mail.user.empty()) return ok;
  ok &= curl_easy_setopt(easy, CURLOPT_USERNAME, mail.user.c_str()) == CURLE_OK;
  std::string password(RevealSecret(mail.password));
  ok &= curl_easy_setopt(easy, CURLOPT_PASSWORD, password.c_str()) == CURLE_OK;
  (void)Secret::Take(password);  // wipes it
  return ok;
}

bool SetSafety(CURL* easy, const Mail& mail, bool& refused_address) {
  const long tls = mail.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY;
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(mail.timeout).count();
  bool ok = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_USE_SSL, tls) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(1, timeout)) == CURLE_OK;
  return ok && (!mail.public_only || PublicOnly(easy, refused_address));
}

bool SetUpload(CURL* easy, Upload& upload) {
  bool ok = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_READFUNCTION, &OnRead) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_READDATA, &upload) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &OnProgress) == CURLE_OK;
  return ok & (curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &upload) == CURLE_OK);
}

absl::Status FailureOf(const Mail& mail, CURL* easy, CURLcode code, const char* detail) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  const std::string text = fmt::format("no mail by {}: {}", OriginOf(mail.url),
                                       *detail != '\0' ? detail : curl_easy_strerror(code));
  if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError(text);
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(text);
  // 530 and its like speak of the session (log in, use TLS), which an operator may mend.
  const bool is_about_the_mail = status >= 550 && status < 560;
  return is_about_the_mail ? absl::InvalidArgumentError(text) : absl::UnavailableError(text);
}

}  // namespace

absl::Status SendMail(const Mail& mail, const std::stop_token& stop) {
  const BlockedSignals blocked;  // SIGPIPE must not come from OpenSSL's writes here
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, FreeEasy> easy(global == CURLE_OK ? curl_easy_init() : nullptr);
  const auto to = ListOf(mail.to);
  Upload upload{.rest = mail.text, .stop = stop};
  if (easy == nullptr || to == nullptr || !SetEnvelope(easy.get(), mail, to.get()) ||
      !SetSafety(easy.get(), mail, upload.refused_address) || !SetUpload(easy.get(), upload))
    return absl::UnavailableError("libcurl does not send mail here");
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return absl::OkStatus();
  return FailureOf(mail, easy.get(), code, upload.refused_address ? kNotPublic : detail.data());
}

}  // namespace mcpgate::net
