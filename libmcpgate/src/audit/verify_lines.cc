#include <fmt/format.h>

#include <fstream>

#include "audit/line_scan.h"
#include "mcpgate/audit_lines.h"

namespace mcpgate {
namespace {

using State = AuditVerdict::State;

AuditVerdict Verdict(State state, std::uint64_t seq, std::string detail) {
  return {.state = state, .records = seq, .first_bad = seq + 1, .detail = std::move(detail)};
}

}  // namespace

AuditVerdict VerifyAuditLines(const std::vector<std::string>& paths, const Secret& chain_key) {
  const LineChain chain(chain_key);
  LinePlace at;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::ifstream file(paths[i], std::ios::binary);
    if (!file) return Verdict(State::kUnreadable, at.seq, paths[i] + " cannot be read");
    const LineScan scan = ScanLines(file, chain);
    if (scan.end == LineScan::End::kForeign || scan.good_bytes == 0)
      return Verdict(scan.end == LineScan::End::kForeign ? State::kTampered : State::kTruncated, at.seq,
                     paths[i] + ": its first line does not hold");
    if (i > 0 && scan.begin != at)
      return Verdict(State::kTampered, at.seq, paths[i] + ": does not go on where the file before it ended");
    at = scan.place;
    const std::string where = fmt::format("{}: what follows record {} does not hold", paths[i], at.seq);
    if (scan.end == LineScan::End::kDamaged) return Verdict(State::kTampered, at.seq, where);
    if (scan.end == LineScan::End::kTorn)
      return Verdict(i + 1 == paths.size() ? State::kTruncated : State::kTampered, at.seq, where);
  }
  return {.state = State::kIntact, .records = at.seq};
}

}  // namespace mcpgate
