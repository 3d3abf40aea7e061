// Records that prove themselves away from their trail.
#include "mcpgate/audit_export.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "kept_trail.h"
#include "mcpgate/json.h"
#include "support/tenant.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;
using Lines = std::vector<std::string>;

Lines Export(const KeptTrail& kept, const TenantScope& scope, const AuditQuery& query) {
  Lines lines;
  const absl::Status status = kept.Trail()->Export(scope, query, [&](std::string_view line) {
    lines.emplace_back(line);
    return absl::OkStatus();
  });
  REQUIRE_MESSAGE(status.ok(), status.ToString());
  return lines;
}

AuditVerdict Check(const Lines& lines, const std::string& verifier = "") {
  std::size_t at = 0;
  return VerifyAuditExport(
      [&](std::string& line) {
        if (at == lines.size()) return false;
        line = lines[at++];
        return true;
      },
      verifier);
}

struct Exported : KeptTrail {
  Exported() : KeptTrail({.retention = std::chrono::hours(24), .segment_records = 10}) {
    Append(15);
    data.clock.Advance(std::chrono::hours(30));
    Append(12);
    Tick();  // removes ten, and says so
  }
};

TEST_CASE_FIXTURE(Exported, "an export of anything verifies by the trail's key alone") {
  const std::string key = Trail()->VerifierKey();
  const AuditVerdict all = Check(Export(*this, TenantScope::Operator(), {}), key);
  CHECK_MESSAGE(all.state == State::kIntact, all.detail);
  CHECK(all.records == 18);
  const Lines odd = Export(*this, ScopeOf("odd"), {.after_seq = 13});
  CHECK(Check(odd, key).state == State::kIntact);
  CHECK(Check(odd, key).records == 7);
  for (const std::string& line : odd) CHECK(line.find("\"even\"") == std::string::npos);
  CHECK(Check(Export(*this, ScopeOf("none"), {}), key).records == 0);
}

TEST_CASE_FIXTURE(Exported, "any change to an export shows") {
  const std::string key = Trail()->VerifierKey();
  const Lines lines = Export(*this, ScopeOf("odd"), {});
  int passed = 0;
  for (std::size_t line = 1; line < lines.size(); ++line) {
    for (std::size_t at = 0; at < lines[line].size(); ++at) {
      Lines changed = lines;
      changed[line][at] = static_cast<char>(changed[line][at] ^ 1);
      passed += Check(changed, key).state == State::kIntact ? 1 : 0;
    }
    Lines without = lines, twice = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(line));
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(line), lines[line]);
    passed += Check(without, key).state == State::kIntact ? 1 : 0;
    passed += Check(twice, key).state == State::kIntact ? 1 : 0;
  }
  CHECK(passed == 0);
  CHECK(Check(Lines(lines.begin(), lines.end() - 1), key).state == State::kTruncated);
}

TEST_CASE_FIXTURE(Exported, "an export signed by somebody else does not pass for the trail's") {
  KeptTrail forger;
  forger.Append(5);
  const Lines lines = Export(forger, TenantScope::Operator(), {});
  CHECK(Check(lines).state == State::kIntact);
  CHECK(Check(lines, Trail()->VerifierKey()).state == State::kTampered);
  CHECK(Check({"{}"}).state == State::kUnreadable);
  CHECK(Check({}).state == State::kUnreadable);
}

TEST_CASE_FIXTURE(Exported, "a trail that does not hold is not exported as if it did") {
  RawDatabase(path).Run("UPDATE audit SET body=replace(body, 'act', 'fact') WHERE seq=15");
  const absl::Status status =
      Trail()->Export(TenantScope::Operator(), {}, [](std::string_view) { return absl::OkStatus(); });
  CHECK(absl::IsDataLoss(status));
}

}  // namespace
}  // namespace mcpgate::testing
