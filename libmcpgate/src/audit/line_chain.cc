#include "audit/line_chain.h"

#include <fmt/format.h>

#include "mcpgate/json.h"

namespace mcpgate {
namespace {

constexpr char kFormat[] = "mcpgate-audit-lines/1";

}  // namespace

Digest LineChain::HashAfter(const LinePlace& place, std::string_view body) const {
  return Blake2b(key_, "audit-lines")
      .AddNumber(static_cast<std::int64_t>(place.seq + 1))
      .Add(AsView(place.hash))
      .Add(body)
      .Finish();
}

Digest LineChain::MacOf(const LinePlace& place) const {
  return Blake2b(key_, "audit-lines-top")
      .AddNumber(static_cast<std::int64_t>(place.seq))
      .Add(AsView(place.hash))
      .Finish();
}

std::string LineChain::HeaderOf(const LinePlace& place) const {
  return DumpJson({{"chain", kFormat},
                   {"hash", Base64UrlEncode(AsView(place.hash))},
                   {"mac", Base64UrlEncode(AsView(MacOf(place)))},
                   {"seq", place.seq}}) +
         "\n";
}

std::string LineChain::LineOf(std::string_view body, LinePlace& place) const {
  place = {.seq = place.seq + 1, .hash = HashAfter(place, body)};
  return fmt::format("{{\"body\":{},\"hash\":\"{}\",\"seq\":{}}}\n", body,
                     Base64UrlEncode(AsView(place.hash)), place.seq);
}

bool LineChain::ReadHeader(std::string_view line, LinePlace& place) const {
  const absl::StatusOr<Json> json = ParseJson(line);
  if (!json.ok() || StringOr(*json, "chain", "") != kFormat) return false;
  LinePlace found{.seq = static_cast<std::uint64_t>(IntegerOr(*json, "seq", -1))};
  std::string hash;
  if (!Base64UrlDecode(StringOr(*json, "hash", ""), hash) || hash.size() != found.hash.size()) return false;
  std::copy(hash.begin(), hash.end(), found.hash.begin());
  // The whole text is compared, so there is one way to write each header.
  if (HeaderOf(found) != std::string(line) + "\n") return false;
  place = found;
  return true;
}

bool LineChain::ReadLine(std::string_view line, LinePlace& place) const {
  constexpr std::string_view kBegin = "{\"body\":", kHash = ",\"hash\":\"";
  const std::size_t end = line.rfind(kHash);
  if (!line.starts_with(kBegin) || end == line.npos || end < kBegin.size()) return false;
  LinePlace next = place;
  if (LineOf(line.substr(kBegin.size(), end - kBegin.size()), next) != std::string(line) + "\n") return false;
  place = next;
  return true;
}

}  // namespace mcpgate
