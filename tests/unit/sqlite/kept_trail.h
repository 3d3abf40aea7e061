// A trail with its writer and keeper by themselves, so that a test says when the keeper looks.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "storage/sqlite/audit_keeper.h"
#include "storage/sqlite/audit_log.h"
#include "storage/sqlite/audit_trail.h"

namespace mcpgate::testing {

class KeptTrail {
 public:
  explicit KeptTrail(AuditKeeping options = {}) : keeping(std::move(options)) {
    root_key_ = data.Open()->root_key();
    Start();
  }

  void Start() {
    book = std::make_shared<sqlite::AuditBook>(root_key_, data.clock);
    auto writer = sqlite::GroupWriter::Start(
        {.path = path, .deadline = std::chrono::seconds(60), .max_queue = 100'000}, book->table);
    REQUIRE(writer.ok());
    book->writer = *std::move(writer);
    sink = sqlite::NewAuditLog(book, 65536);
    keeper = std::make_unique<sqlite::AuditKeeper>(path, root_key_, keeping, std::chrono::seconds(60),
                                                   data.clock, book);
  }
  void Stop() {
    keeper.reset();
    book->writer->Stop();
    sink.reset();
    book.reset();
  }
  void Append(int records, const std::string& action = "act") {
    for (int i = 0; i < records; ++i) {
      AuditRecord record = Record(action);
      record.time = data.clock.Now();
      record.tenant = i % 2 == 0 ? "even" : "odd";
      REQUIRE(sink->Append(std::move(record), AuditDurability::kQueued).ok());
    }
    REQUIRE(sink->Flush().ok());
  }
  void Tick() {
    const absl::Status status = keeper->Tick();
    REQUIRE_MESSAGE(status.ok(), status.ToString());
  }
  std::unique_ptr<AuditTrail> Trail() const {
    return sqlite::NewAuditTrail(path, root_key_, std::chrono::seconds(60));
  }
  AuditVerdict Verify(const std::vector<std::string>& checkpoints = {}) const {
    return Trail()->Verify(checkpoints);
  }
  std::string Checkpoint() const {
    const auto note = Trail()->Checkpoint();
    REQUIRE_MESSAGE(note.ok(), note.status().ToString());
    return *note;
  }
  std::vector<std::uint64_t> Seqs() const {
    const auto records = Trail()->Read(TenantScope::Operator(), {.limit = 1'000'000});
    REQUIRE(records.ok());
    std::vector<std::uint64_t> seqs;
    for (const StoredAudit& record : *records) seqs.push_back(record.seq);
    return seqs;
  }

  DataDirectory data;
  AuditKeeping keeping;
  const std::string path = data.File("audit.db");
  std::shared_ptr<sqlite::AuditBook> book;
  std::unique_ptr<AuditSink> sink;
  std::unique_ptr<sqlite::AuditKeeper> keeper;

 private:
  Secret root_key_;
};

}  // namespace mcpgate::testing
