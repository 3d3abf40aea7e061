#include "storage/sqlite/audit_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/checkpoint.h"

namespace mcpgate::sqlite {
namespace {

std::optional<std::string_view> After(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) return std::nullopt;
  return line.substr(word.size());
}

bool ReadDigest(std::string_view text, Digest& digest) {
  std::string bytes;
  if (!Base64Decode(text, bytes) || bytes.size() != digest.size()) return false;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return true;
}

bool ReadRange(std::string_view text, AuditSegment& segment) {
  std::string bytes;
  if (segment.first == 0 || segment.first > segment.end.seq || !Base64Decode(text, bytes)) return false;
  std::optional<MerkleRange> range = MerkleRange::Unpack(segment.first - 1, segment.end.seq, bytes);
  if (range) segment.range = *std::move(range);
  return range.has_value();
}

bool ReadExtensions(const std::vector<std::string>& lines, AuditSegment& segment) {
  if (lines.size() != 4) return false;
  const auto first = After(lines[0], "segment "), chain = After(lines[1], "chain "),
             range = After(lines[2], "range "), time = After(lines[3], "time ");
  if (!first || !chain || !range || !time) return false;
  const auto parsed = std::from_chars(first->data(), first->data() + first->size(), segment.first);
  const std::size_t space = time->find(' ');
  if (parsed.ec != std::errc() || space == time->npos) return false;
  segment.oldest = time->substr(0, space);
  segment.newest = time->substr(space + 1);
  return ReadDigest(*chain, segment.end.hash) && ReadRange(*range, segment);
}

}  // namespace

std::string SealSegment(const NoteSigner& signer, const AuditSegment& segment) {
  return signer.Sign(
      CheckpointText({.origin = signer.verifier().name(),
                      .size = segment.end.seq,
                      .root = segment.root,
                      .extensions = {fmt::format("segment {}", segment.first),
                                     fmt::format("chain {}", Base64Encode(AsView(segment.end.hash))),
                                     fmt::format("range {}", Base64Encode(segment.range.Pack())),
                                     fmt::format("time {} {}", segment.oldest, segment.newest)}}));
}

absl::StatusOr<AuditSegment> OpenSegment(const NoteVerifier& verifier, std::string_view note) {
  const absl::StatusOr<std::string> text = verifier.Open(note);
  const absl::StatusOr<Checkpoint> checkpoint =
      text.ok() ? ParseCheckpoint(*text) : absl::StatusOr<Checkpoint>(text.status());
  AuditSegment segment;
  if (checkpoint.ok() && checkpoint->origin == verifier.name()) {
    segment.end.seq = checkpoint->size;
    segment.root = checkpoint->root;
    if (ReadExtensions(checkpoint->extensions, segment)) return segment;
  }
  return absl::DataLossError("audit.db: the header of a segment was changed, or made under another root.key");
}

std::string_view TimeOfBody(std::string_view body) {
  constexpr std::string_view kName = "\"time\":\"";
  const std::size_t at = body.rfind(kName);
  if (at == body.npos) return {};
  const std::string_view rest = body.substr(at + kName.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace mcpgate::sqlite
