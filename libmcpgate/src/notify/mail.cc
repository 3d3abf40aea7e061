// A mail of text alone (RFC 5322), its text encoded so that no line of it can end the mail or begin a header.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/crypto.h"
#include "mcpgate/notice_places.h"
#include "net/http_client.h"
#include "net/mail_client.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMostTo = 16, kLine = 76;

bool IsAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 127 && c != '<' && c != '>'; });
}

std::string Wrapped(std::string_view base64) {
  std::string out;
  for (; base64.size() > kLine; base64.remove_prefix(kLine))
    out.append(base64.substr(0, kLine)).append("\r\n");
  return out.append(base64).append("\r\n");
}

std::string BodyOf(const NoticeParcel& parcel) {
  std::string body = parcel.notice.summary + "\r\n\r\n";
  for (const auto& [name, value] : parcel.notice.fields) body += fmt::format("{}: {}\r\n", name, value);
  if (!parcel.notice.tenant.empty()) body += fmt::format("tenant: {}\r\n", parcel.notice.tenant);
  return body + fmt::format("kind: {}\r\nid: {}\r\n", parcel.notice.kind, parcel.id);
}

std::string TextOf(const MailOptions& options, const NoticeParcel& parcel) {
  const std::string host = options.from.substr(options.from.find('@') + 1);
  return fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\nFrom: mcpgate <{}>\r\nTo: {}\r\nMessage-ID: <{}@{}>\r\n"
      "Subject: mcpgate: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
      std::chrono::floor<std::chrono::seconds>(parcel.made), options.from, absl::StrJoin(options.to, ", "),
      parcel.id, host, parcel.notice.kind, Wrapped(Base64Encode(BodyOf(parcel))));
}

// Used by one thread at a time.
class MailPlace final : public NoticePlace {
 public:
  explicit MailPlace(MailOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return options_.name; }

  absl::Status Deliver(const NoticeParcel& parcel, std::stop_token stop) override {
    return net::SendMail({.url = options_.url,
                          .from = options_.from,
                          .to = options_.to,
                          .user = options_.user,
                          .password = options_.password,
                          .text = TextOf(options_, parcel),
                          .timeout = options_.timeout,
                          .public_only = !options_.allow_private,
                          .needs_tls = !net::IsLoopback(options_.url)},
                         stop);
  }

 private:
  const MailOptions options_;
};

absl::Status Bad(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("MailOptions::{}", why));
}

}  // namespace

absl::StatusOr<std::shared_ptr<NoticePlace>> NewMailPlace(MailOptions options) {
  if (!options.url.starts_with("smtps://") && !options.url.starts_with("smtp://"))
    return Bad("url: must begin with smtps:// or smtp://");
  if (!IsAddress(options.from)) return Bad("from: must be a mail address");
  if (options.to.empty() || options.to.size() > kMostTo ||
      !std::all_of(options.to.begin(), options.to.end(), IsAddress))
    return Bad("to: must be 1 to 16 mail addresses");
  return std::make_shared<MailPlace>(std::move(options));
}

}  // namespace mcpgate
