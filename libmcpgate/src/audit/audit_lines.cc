#include "mcpgate/audit_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "audit/line_chain.h"
#include "audit/line_scan.h"
#include "audit/lines_file.h"

namespace mcpgate {
namespace {

constexpr std::size_t kDigits = 20;

std::string RotatedName(const std::string& path, std::uint64_t seq) {
  return fmt::format("{}.{:0{}}", path, seq, kDigits);
}

// Of the files put aside, the one with the greatest number; empty when there is none.
std::string NewestRotated(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path parent = fs::path(path).parent_path();
  std::string newest;
  std::error_code failed;
  for (fs::directory_iterator entry(parent.empty() ? fs::path(".") : parent, failed);
       !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = (parent / entry->path().filename()).string();
    const bool ours = name.size() == path.size() + 1 + kDigits && name.starts_with(path + ".") &&
                      name.find_first_not_of("0123456789", path.size() + 1) == name.npos;
    if (ours) newest = std::max(newest, name);
  }
  return newest;
}

// Not thread-safe.
class AuditLines : public AuditSink {
 public:
  explicit AuditLines(AuditLinesOptions options)
      : options_(std::move(options)),
        chain_(options_.chain_key),
        file_(options_.path),
        synced_at_(options_.clock->Steady()) {}
  ~AuditLines() override {
    if (opened_) (void)file_.Sync();
  }

  absl::Status Open();

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    if (!file_.is_open()) {  // it was moved away, and no new one could be made
      if (absl::Status status = FollowMove(); !status.ok()) return status;
    }
    if (!file_.HasRoom())
      return absl::ResourceExhaustedError(fmt::format("{}: too much waits to be written", options_.path));
    body_.clear();
    AppendAuditJson(body_, record);
    file_.Append(chain_.LineOf(body_, place_));
    if (durability == AuditDurability::kQueued && options_.sync != LineSync::kEach) return absl::OkStatus();
    // The record is accepted, whatever becomes of this attempt; the next one tries it again.
    absl::Status status = Flush();
    return durability == AuditDurability::kBefore ? status : absl::OkStatus();
  }
  absl::Status Ready() override {
    return file_.HasRoom()
               ? absl::OkStatus()
               : absl::UnavailableError(fmt::format("{}: too much waits to be written", options_.path));
  }
  absl::Status Flush() override {
    if (!file_.IsInPlace()) {
      if (absl::Status status = FollowMove(); !status.ok()) return status;
    }
    if (absl::Status status = Keep(); !status.ok()) return status;
    // A file that cannot be put aside is written on: its records are kept.
    if (options_.rotate_bytes != 0 && file_.size() > options_.rotate_bytes) Rotate().IgnoreError();
    return absl::OkStatus();
  }

 private:
  absl::Status Keep();
  absl::Status FollowMove();
  absl::Status Rotate();
  absl::Status BeginFile();
  absl::Status StandAfterRotated();
  absl::Status TellRepair(std::uint64_t removed);

  const AuditLinesOptions options_;
  const LineChain chain_;
  LinesFile file_;
  LinePlace place_;
  Nanos synced_at_;
  std::string body_;
  bool opened_ = false;
};

absl::Status AuditLines::Open() {
  if (absl::Status status = file_.Open(); !status.ok()) return status;
  std::ifstream reader(options_.path, std::ios::binary);
  const LineScan scan = ScanLines(reader, chain_);
  if (scan.end == LineScan::End::kDamaged || scan.end == LineScan::End::kForeign)
    return absl::DataLossError(fmt::format(
        "{}: what follows record {} does not hold, or was written under another key; keep the file as "
        "evidence and move it aside",
        options_.path, scan.place.seq));
  opened_ = true;
  place_ = scan.place;
  const std::uint64_t torn = file_.size() - scan.good_bytes;
  if (torn > 0) {
    if (absl::Status status = file_.CutTo(scan.good_bytes); !status.ok()) return status;
  }
  if (scan.good_bytes == 0) {
    if (absl::Status status = StandAfterRotated(); !status.ok()) return status;
    if (absl::Status status = BeginFile(); !status.ok()) return status;
  }
  return torn > 0 ? TellRepair(torn) : absl::OkStatus();
}

// A process may have ended between putting a file aside and beginning the next one.
absl::Status AuditLines::StandAfterRotated() {
  const std::string newest = NewestRotated(options_.path);
  if (newest.empty()) return absl::OkStatus();
  std::ifstream reader(newest, std::ios::binary);
  const LineScan scan = ScanLines(reader, chain_);
  if (scan.end != LineScan::End::kWhole)
    return absl::DataLossError(
        fmt::format("{}: what follows record {} does not hold; move it aside", newest, scan.place.seq));
  place_ = scan.place;
  return absl::OkStatus();
}

absl::Status AuditLines::TellRepair(std::uint64_t removed) {
  return Append({.time = options_.clock->Now(),
                 .klass = AuditClass::kSystem,
                 .action = "audit.repair",
                 .source = "lines",
                 .reason = "a torn line at the end of the file was removed",
                 .fields = {{"removed_bytes", fmt::format("{}", removed)}}},
                AuditDurability::kBefore);
}

absl::Status AuditLines::Keep() {
  const Nanos now = options_.clock->Steady();
  const bool due =
      options_.sync == LineSync::kGroup || options_.sync == LineSync::kEach ||
      (options_.sync == LineSync::kInterval && (now - synced_at_ >= options_.interval || !file_.HasRoom()));
  absl::Status status = due ? file_.Sync() : file_.Write();
  if (status.ok() && due) synced_at_ = now;
  if (status.ok() && options_.sync == LineSync::kNone) file_.TrustSystem();
  return status;
}

absl::Status AuditLines::BeginFile() {
  file_.Append(chain_.HeaderOf(place_));
  return file_.Sync();
}

// What waits belongs to the file that was moved, which is still open.
absl::Status AuditLines::FollowMove() {
  if (file_.is_open()) {
    if (absl::Status status = file_.Sync(); !status.ok()) return status;
    file_.Close();
  }
  if (absl::Status status = file_.Open(); !status.ok()) return status;
  return file_.size() == 0 ? BeginFile()
                           : absl::FailedPreconditionError(fmt::format(
                                 "{}: another file was put in its place; move it away", options_.path));
}

absl::Status AuditLines::Rotate() {
  if (absl::Status status = file_.Sync(); !status.ok()) return status;
  absl::Status status = file_.MoveTo(RotatedName(options_.path, place_.seq));
  return status.ok() ? FollowMove() : status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditSink>> NewAuditLines(AuditLinesOptions options) {
  if (options.path.empty() || options.chain_key.size() != sizeof(Digest) || options.clock == nullptr)
    return absl::InvalidArgumentError("AuditLinesOptions: needs a path, a key of 32 bytes and a clock");
  auto lines = std::make_unique<AuditLines>(std::move(options));
  if (absl::Status status = lines->Open(); !status.ok()) return status;
  return lines;
}

}  // namespace mcpgate
