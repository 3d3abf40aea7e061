#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/checkpoint.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "mcpgate/audit_export.h"
#include "mcpgate/json.h"

namespace mcpgate {
namespace {

using State = AuditVerdict::State;

constexpr std::size_t kMaxLine = 1u << 20;

/// One reading of an export. Confined to one thread.
class Reading {
 public:
  explicit Reading(std::string_view verifier) : trusted_(verifier) {}

  AuditVerdict Run(const LineSource& next_line) {
    std::string line;
    while (!verdict_ && next_line(line)) {
      if (checkpoint_seen_) return Bad(State::kTampered, "there is something after the checkpoint");
      Take(line);
    }
    if (verdict_) return *verdict_;
    if (!verifier_) return Bad(State::kUnreadable, "this is not an export of an audit trail");
    if (!checkpoint_seen_) return Bad(State::kTruncated, "the checkpoint at the end is missing");
    return {.state = State::kIntact, .records = shown_};
  }

 private:
  AuditVerdict Bad(State state, std::string detail) const {
    return {.state = state, .records = shown_, .first_bad = tree_.end() + 1, .detail = std::move(detail)};
  }
  void Fail(State state, std::string detail) { verdict_ = Bad(state, std::move(detail)); }

  void Take(const std::string& line) {
    const absl::StatusOr<Json> json =
        line.size() > kMaxLine ? absl::InvalidArgumentError("a line is too long") : ParseJson(line);
    if (!json.ok() || !json->is_object()) return Fail(State::kTampered, "a line is not a JSON object");
    if (!verifier_) return TakeHeader(*json);
    if (const Json* record = FindObject(*json, "record")) return TakeRecord(*json, *record);
    if (const Json* gap = FindArray(*json, "gap")) return TakeGap(*json, *gap);
    if (const std::string* note = FindString(*json, "checkpoint")) return TakeCheckpoint(*note);
    Fail(State::kTampered, "a line is neither record, gap nor checkpoint");
  }

  void TakeHeader(const Json& line) {
    const std::string own = StringOr(line, "verifier", "");
    absl::StatusOr<NoteVerifier> verifier = NoteVerifier::Parse(trusted_.empty() ? own : trusted_);
    if (IntegerOr(line, "mcpgate_audit_export", 0) != 1)
      return Fail(State::kUnreadable, "this is not an export of an audit trail");
    if (!verifier.ok()) return Fail(State::kUnreadable, std::string(verifier.status().message()));
    verifier_ = *std::move(verifier);
  }

  void TakeRecord(const Json& line, const Json& record) {
    const auto seq = static_cast<std::uint64_t>(IntegerOr(line, "seq", 0));
    if (seq != tree_.end() + 1)
      return Fail(State::kTampered, fmt::format("record {} stands where {} belongs", seq, tree_.end() + 1));
    tree_.AppendLeaf(MerkleLeaf(DumpJson(record)));
    ++shown_;
  }

  void TakeGap(const Json& line, const Json& gap) {
    std::string hashes;
    const bool bounds = gap.size() == 2 && gap[0].is_number_unsigned() && gap[1].is_number_unsigned();
    if (!bounds || !Base64Decode(StringOr(line, "tree", ""), hashes) ||
        gap[0].get<std::uint64_t>() != tree_.end() + 1)
      return Fail(State::kTampered, fmt::format("the gap at record {} does not fit", tree_.end() + 1));
    const std::optional<MerkleRange> range =
        MerkleRange::Unpack(tree_.end(), gap[1].get<std::uint64_t>(), hashes);
    if (!range || !tree_.Append(*range))
      Fail(State::kTampered, fmt::format("the gap at record {} is not whole", tree_.end() + 1));
  }

  void TakeCheckpoint(const std::string& note) {
    const absl::StatusOr<std::string> text = verifier_->Open(note);
    if (!text.ok()) return Fail(State::kTampered, std::string(text.status().message()));
    const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(*text);
    if (!checkpoint.ok()) return Fail(State::kTampered, std::string(checkpoint.status().message()));
    checkpoint_seen_ = true;
    if (checkpoint->size == tree_.end() && checkpoint->root == tree_.Root()) return;
    // The root covers everything, so it cannot name the record.
    verdict_ = {.state = State::kTampered,
                .records = 0,
                .first_bad = 1,
                .detail = "a record or gap was changed: they do not add up to the signed checkpoint"};
  }

  const std::string trusted_;
  std::optional<NoteVerifier> verifier_;
  MerkleRange tree_;
  std::uint64_t shown_ = 0;
  bool checkpoint_seen_ = false;
  std::optional<AuditVerdict> verdict_;
};

}  // namespace

AuditVerdict VerifyAuditExport(const LineSource& next_line, std::string_view verifier) {
  return Reading(verifier).Run(next_line);
}

}  // namespace mcpgate
