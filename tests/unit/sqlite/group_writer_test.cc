// The writer alone, with a table of its own.
#include "storage/sqlite/group_writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

using testing::RawDatabase;
using testing::TempDir;

class Names : public Tables {
 public:
  absl::Status Attach(Database& db) override {
    const DatabaseSchema schema = {{"CREATE TABLE names(name TEXT NOT NULL UNIQUE) STRICT"}};
    absl::Status status = EnsureSchema(db, schema).status();
    status.Update(PrepareInto(db, insert_, "INSERT INTO names VALUES(?1)"));
    return status;
  }
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return absl::OkStatus(); }
  void GroupEnded(bool committed) override { commits += committed ? 1 : 0; }

  absl::Status Insert(const std::string& name) { return insert_.BindText(1, name).Run(); }

  std::atomic<int> commits{0};

 private:
  Statement insert_;
};

class AddName : public WriteRequest {
 public:
  AddName(Names& names, std::string name) : names_(names), name_(std::move(name)) {}
  absl::Status Apply() override { return names_.Insert(name_); }

 private:
  Names& names_;
  const std::string name_;
};

struct Writing {
  Writing() {
    auto started = GroupWriter::Start({.path = temp / "names.db",
                                       .deadline = std::chrono::seconds(60),
                                       .linger = std::chrono::milliseconds(5),
                                       .max_queue = 1000},
                                      names);
    REQUIRE(started.ok());
    writer = *std::move(started);
  }
  absl::Status Add(const std::string& name) { return writer->Write(std::make_shared<AddName>(names, name)); }
  absl::Status QueueUp(const std::string& name) {
    return writer->Queue(std::make_shared<AddName>(names, name));
  }
  std::string Stored() {
    return RawDatabase(temp / "names.db")
        .Answer("SELECT group_concat(name) FROM (SELECT name FROM names ORDER BY name)");
  }

  TempDir temp{TempDir::InMemory()};
  Names names;
  std::unique_ptr<GroupWriter> writer;
};

TEST_CASE("one request that fails does not fail the others of its group") {
  Writing writing;
  REQUIRE(writing.Add("taken").ok());
  FileLock other(writing.temp / "names.db.lock");
  REQUIRE(other.Acquire(std::chrono::seconds(5)).ok());  // so that all come into one group
  std::vector<std::string> names = {"a", "b", "taken", "c", "d"};
  std::vector<absl::Status> answers(names.size());
  for (const std::string name : {"q1", "taken", "q2"}) REQUIRE(writing.QueueUp(name).ok());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < names.size(); ++i)
    threads.emplace_back([&, i] { answers[i] = writing.Add(names[i]); });
  other.Release();
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(answers[i].ok() == (names[i] != "taken"));
  REQUIRE(writing.Add("last").ok());
  CHECK(writing.Stored() == "a,b,c,d,last,q1,q2,taken");
}

TEST_CASE("many callers share commits") {
  Writing writing;
  constexpr int kThreads = 16, kEach = 20;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i)
        failed += writing.Add(std::to_string(thread) + "-" + std::to_string(i)).ok() ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(writing.names.commits < kThreads * kEach);
}

TEST_CASE("a stopped writer refuses and has written what it accepted") {
  Writing writing;
  REQUIRE(writing.QueueUp("queued").ok());
  writing.writer->Stop();
  CHECK(absl::IsUnavailable(writing.Add("late")));
  CHECK(absl::IsUnavailable(writing.QueueUp("late")));
  CHECK(writing.Stored() == "queued");
}

TEST_CASE("the log is copied into the database before it grows without end") {
  Writing writing;
  const std::string long_name(3000, 'n');
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(writing.writer->AwaitRoom().ok());
    REQUIRE(writing.QueueUp(long_name + std::to_string(i)).ok());
  }
  REQUIRE(writing.Add("last").ok());
  CHECK(std::filesystem::file_size(writing.temp / "names.db") > 4'000'000);
  CHECK(std::filesystem::file_size(writing.temp / "names.db-wal") < 40'000'000);
}

}  // namespace
}  // namespace mcpgate::sqlite
