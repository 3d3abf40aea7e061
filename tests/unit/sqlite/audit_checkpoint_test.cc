// What only a checkpoint shows: a cut end, and a trail that a holder of the root key wrote anew.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/checkpoint.h"
#include "base/signed_note.h"
#include "kept_trail.h"
#include "mcpgate/json.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;

/// Notes as a place for checkpoints got them.
struct Place {
  std::vector<std::string> notes;
  std::vector<std::uint64_t> sizes;
  bool refuses = false;
  CheckpointSink Sink() {
    return [this](const std::string& note, std::uint64_t size) -> absl::Status {
      if (refuses) return absl::UnavailableError("the place is full");
      notes.push_back(note);
      sizes.push_back(size);
      return absl::OkStatus();
    };
  }
};

TEST_CASE("a checkpoint has the root of the RFC 6962 tree over the records and holds while the trail grows") {
  KeptTrail kept;
  kept.Append(5);
  const std::string note = kept.Checkpoint();
  const auto verifier = NoteVerifier::Parse(kept.Trail()->VerifierKey());
  REQUIRE(verifier.ok());
  const auto text = verifier->Open(note);
  REQUIRE(text.ok());
  const auto checkpoint = ParseCheckpoint(*text);
  REQUIRE(checkpoint.ok());
  CHECK(checkpoint->size == 5);
  MerkleRange tree;
  const auto records = kept.Trail()->Read(TenantScope::Operator(), {});
  for (const StoredAudit& record : *records) tree.AppendLeaf(MerkleLeaf(record.body));
  CHECK(checkpoint->root == tree.Root());
  kept.Append(20);
  CHECK(kept.Verify({note}).state == State::kIntact);
  CHECK(kept.Verify({kept.Checkpoint(), note}).state == State::kIntact);
}

TEST_CASE("a trail put back to an older copy is truncated, to whoever has a checkpoint") {
  KeptTrail kept;
  kept.Append(7);
  kept.Stop();
  std::filesystem::copy_file(kept.path, kept.path + ".old");
  kept.Start();
  kept.Append(5);
  const std::string note = kept.Checkpoint();
  kept.Stop();
  std::filesystem::rename(kept.path + ".old", kept.path);
  CHECK(kept.Verify().state == State::kIntact);
  const AuditVerdict verdict = kept.Verify({note});
  CHECK(verdict.state == State::kTruncated);
  CHECK(verdict.records == 7);
  CHECK(verdict.first_bad == 8);
}

TEST_CASE("a trail written anew under the stolen root key is found between two checkpoints") {
  KeptTrail kept;
  kept.Append(4);
  std::vector<std::string> notes = {kept.Checkpoint()};
  kept.Stop();
  std::filesystem::copy_file(kept.path, kept.path + ".old");
  kept.Start();
  kept.Append(6);
  notes.push_back(kept.Checkpoint());
  kept.Stop();
  std::filesystem::rename(kept.path + ".old", kept.path);
  kept.Start();
  kept.Append(9, "another act");
  CHECK(kept.Verify().state == State::kIntact);
  const AuditVerdict verdict = kept.Verify(notes);
  CHECK(verdict.state == State::kTampered);
  CHECK(verdict.records == 4);
  CHECK(verdict.detail.find("records 5 to 10") != std::string::npos);
}

TEST_CASE("a checkpoint of another trail, or a changed one, proves nothing") {
  KeptTrail kept, other;
  kept.Append(3);
  other.Append(3);
  CHECK(kept.Verify({other.Checkpoint()}).state == State::kUnreadable);
  std::string note = kept.Checkpoint();
  note.replace(note.find("\n3\n"), 3, "\n2\n");
  CHECK(kept.Verify({note}).state == State::kUnreadable);
  CHECK(kept.Verify({"no note"}).state == State::kUnreadable);
}

TEST_CASE("no checkpoint is signed of a trail that does not hold") {
  KeptTrail kept({.checkpoints = {[](const std::string&, std::uint64_t) { return absl::OkStatus(); }}});
  kept.Append(5);
  RawDatabase(kept.path).Run("UPDATE audit SET body=replace(body, 'act', 'fact') WHERE seq=3");
  CHECK(absl::IsDataLoss(kept.Trail()->Checkpoint().status()));
  CHECK(absl::IsDataLoss(kept.keeper->Tick()));
}

TEST_CASE("checkpoints are made after so many records or so much time, and not without news") {
  Place place;
  KeptTrail kept({.checkpoints = {place.Sink()},
                  .checkpoint_records = 10,
                  .checkpoint_every = std::chrono::seconds(60)});
  kept.Append(9);
  kept.Tick();
  CHECK(place.sizes.empty());
  kept.Append(1);
  kept.Tick();
  kept.Tick();
  kept.Append(3);
  kept.data.clock.Advance(std::chrono::seconds(59));
  kept.Tick();
  kept.data.clock.Advance(std::chrono::seconds(1));
  kept.Tick();
  kept.data.clock.Advance(std::chrono::hours(1));
  kept.Tick();
  CHECK(place.sizes == std::vector<std::uint64_t>{10, 13});
  kept.Append(1);
  REQUIRE(kept.keeper->Finish().ok());
  CHECK(place.sizes.back() == 14);
  CHECK(kept.Verify(place.notes).state == State::kIntact);
}

TEST_CASE("a place that refuses gets the next checkpoint") {
  Place place;
  KeptTrail kept({.checkpoints = {place.Sink()}, .checkpoint_records = 1});
  place.refuses = true;
  kept.Append(2);
  CHECK(absl::IsUnavailable(kept.keeper->Tick()));
  place.refuses = false;
  kept.Append(1);
  kept.Tick();
  CHECK(place.sizes == std::vector<std::uint64_t>{3});
}

TEST_CASE("a storage that keeps makes checkpoints by itself, the last one at its end") {
  const DataDirectory data;
  Place place;
  SqliteOptions options = data.Options();
  options.keeping.checkpoints = {place.Sink()};
  {
    const auto storage = DataDirectory::Open(options);
    for (int i = 0; i < 10; ++i)
      REQUIRE(storage->audit()->Append(Record("act"), AuditDurability::kQueued).ok());
  }
  REQUIRE_FALSE(place.sizes.empty());
  CHECK(place.sizes.back() == 10);
  CHECK(data.Open()->trail()->Verify(place.notes).state == State::kIntact);
}

}  // namespace
}  // namespace mcpgate::testing
