#include "discord/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "discord/error_table.h"

namespace mcpgate {
namespace {

using Kind = DiscordError::Kind;
using Again = DiscordError::Again;

struct KindRow {
  Kind kind;
  std::string_view name;
  absl::StatusCode code;
};
constexpr std::array kKinds = std::to_array<KindRow>({
    {Kind::kInvalid, "invalid_request", absl::StatusCode::kInvalidArgument},
    {Kind::kNotFound, "not_found", absl::StatusCode::kNotFound},
    {Kind::kForbidden, "forbidden", absl::StatusCode::kFailedPrecondition},
    {Kind::kRateLimited, "rate_limited", absl::StatusCode::kResourceExhausted},
    {Kind::kBadToken, "bad_bot_token", absl::StatusCode::kFailedPrecondition},
    {Kind::kUnreachable, "unreachable", absl::StatusCode::kUnavailable},
    {Kind::kFailed, "discord_failed", absl::StatusCode::kUnavailable},
    {Kind::kStopped, "stopped", absl::StatusCode::kCancelled},
});

const KindRow& RowOf(Kind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(), [kind](const KindRow& row) { return row.kind == kind; });
}

bool IsIndex(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Walks the tree; `left` is how many more lines may be written, and goes below zero for those left out.
void Flatten(const Json& node, const std::string& path, std::vector<std::string>& lines, int& left) {
  if (const Json* leaves = FindArray(node, "_errors")) {
    for (const Json& leaf : *leaves) {
      if (--left < 0) continue;
      const std::string message = OneLine(StringOr(leaf, "message", "not valid"), 200);
      lines.push_back(path.empty() ? message : fmt::format("{}: {}", path, message));
    }
  }
  if (!node.is_object()) return;
  for (const auto& [name, child] : node.items()) {
    if (name == "_errors") continue;
    const std::string step = OneLine(name, 60);
    if (IsIndex(name)) {
      Flatten(child, fmt::format("{}[{}]", path, step), lines, left);
    } else {
      Flatten(child, path.empty() ? step : fmt::format("{}.{}", path, step), lines, left);
    }
  }
}

struct AnswerBody {
  std::int64_t code = 0;
  std::string message;
  std::vector<std::string> details;
  std::optional<Nanos> retry_after;
};

AnswerBody ReadBody(const net::HttpResponse& response) {
  AnswerBody body;
  const absl::StatusOr<Json> parsed = ParseJson(response.body);
  if (!parsed.ok()) return body;
  body.code = IntegerOr(*parsed, "code", 0);
  body.message = OneLine(StringOr(*parsed, "message", ""), 200);
  if (const Json* errors = FindObject(*parsed, "errors")) body.details = FlattenFormErrors(*errors);
  const double seconds = NumberOr(*parsed, "retry_after", -1);
  if (seconds >= 0 && seconds < 1e6)
    body.retry_after = Nanos(static_cast<std::int64_t>(std::ceil(seconds * 1e9)));
  return body;
}

// A row for answers without a code in the table.
DiscordErrorRow RowOfStatus(int status) {
  if (status == 401) {
    return {0, Kind::kBadToken, "Discord refused the bot token",
            "no further request is sent; the operator must start the server with a valid token"};
  }
  if (status == 403) return {0, Kind::kForbidden, "the bot may not do this", "ask a server administrator"};
  if (status == 404) return {0, Kind::kNotFound, "there is no such thing", "check the ids"};
  if (status == 413) return {0, Kind::kInvalid, "the request is too large", "send less"};
  if (status >= 500) return {0, Kind::kFailed, "Discord failed", "try again in a moment"};
  if (status >= 300 && status < 400) {
    return {0, Kind::kFailed, "Discord answered with a redirect, which is not followed",
            "the operator should check the base URL"};
  }
  return {0, Kind::kInvalid, "Discord did not accept the request", "change it before trying again"};
}

std::string Compose(const DiscordErrorRow& row, int status, const AnswerBody& body) {
  std::string text(row.meaning);
  const std::string& said = body.message;
  if (body.code != 0) {
    text += fmt::format(" (Discord error {}{}{})", body.code, said.empty() ? "" : ": ", said);
  } else {
    text += fmt::format(" (HTTP {}{}{})", status, said.empty() ? "" : ": ", said);
  }
  for (const std::string& line : body.details) text += fmt::format("\n- {}", line);
  text += body.details.empty() ? "; " : "\n";
  return text.append(row.advice);
}

Again AgainAfter(int status, std::int64_t code) {
  const bool passing = status == 500 || (status >= 502 && status <= 504) || (status >= 520 && status <= 524);
  return passing || code == 130000 ? Again::kWhenRepeatable : Again::kNo;
}

std::string_view WhatIsLimited(RateScope scope) {
  switch (scope) {
    case RateScope::kEdge:
      return "Discord's edge refuses this machine's address for a while";
    case RateScope::kGlobal:
      return "the bot sends too many requests in all";
    case RateScope::kShared:
      return "Discord limits this resource for everybody";
    default:
      return "Discord's rate limit for this route is reached";
  }
}

}  // namespace

std::string_view DiscordErrorKindName(Kind kind) { return RowOf(kind).name; }

absl::Status ToStatus(const DiscordError& error) { return {RowOf(error.kind).code, error.message}; }

DiscordError RateLimited(Nanos retry_after, std::string_view what) {
  DiscordError error;
  error.kind = Kind::kRateLimited;
  error.retry_after = retry_after;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(retry_after).count();
  error.message = fmt::format("rate limited: {}; retry after {} ms", what, ms);
  return error;
}

DiscordError ExplainAnswer(const net::HttpResponse& response, const RateNews& news) {
  const AnswerBody body = ReadBody(response);
  const DiscordErrorRow* known = response.status == 401 ? nullptr : FindDiscordError(body.code);
  DiscordError error;
  if (news.limited != RateScope::kNone) {
    const bool told = known != nullptr && known->kind == Kind::kRateLimited;
    error = RateLimited(news.retry_after, told ? known->meaning : WhatIsLimited(news.limited));
    error.again = Again::kOnTurn;
  } else {
    const DiscordErrorRow row = known != nullptr ? *known : RowOfStatus(response.status);
    error.kind = row.kind;
    error.message = Compose(row, response.status, body);
    error.retry_after = body.retry_after;
    error.again = AgainAfter(response.status, body.code);
    error.maybe_done = response.status >= 500;
  }
  error.http_status = response.status;
  error.code = body.code;
  return error;
}

DiscordError ExplainSilence(const absl::Status& transport) {
  DiscordError error;
  const bool unsent = net::DeliveryOf(transport) == net::Delivery::kNotSent;
  error.maybe_done = !unsent;
  error.message = std::string(transport.message());
  switch (transport.code()) {
    case absl::StatusCode::kCancelled:
      error.kind = Kind::kStopped;
      break;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      error.kind = Kind::kUnreachable;
      error.again = unsent ? Again::kWhenUnsent : Again::kWhenRepeatable;
      error.message = "Discord cannot be reached: " + error.message;
      break;
    default:
      error.kind = Kind::kFailed;
      break;
  }
  return error;
}

std::vector<std::string> FlattenFormErrors(const Json& errors, std::size_t max_lines) {
  std::vector<std::string> lines;
  int left = static_cast<int>(max_lines);
  Flatten(errors, "", lines, left);
  if (left < 0) lines.push_back(fmt::format("and {} more", -left));
  return lines;
}

std::string OneLine(std::string_view text, std::size_t max_bytes) {
  std::string line;
  for (const char c : text.substr(0, max_bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < ' ' || byte == 0x7f ? ' ' : c;
  }
  // A character cut in half would not be UTF-8.
  if (text.size() > max_bytes) {
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80) line.pop_back();
    if (!line.empty() && (static_cast<unsigned char>(line.back()) & 0x80) != 0) line.pop_back();
    line += "...";
  }
  return line;
}

}  // namespace mcpgate
