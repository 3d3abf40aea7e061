// Tasks that outlive the process that ran them.
#include <doctest/doctest.h>

#include <filesystem>

#include "contract/task_store_contract.h"
#include "fixture.h"

namespace mcpgate::testing {
namespace {

std::shared_ptr<TaskStore> TasksOf(SqliteStorage& storage) { return storage.tasks(); }

std::size_t MarksIn(const std::string& directory) {
  std::size_t marks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("process-")) ++marks;
  }
  return marks;
}

TEST_CASE("the SQLite task store keeps the contract of TaskStore") {
  TaskStoreContract([](const TaskStoreLimits& limits, const Clock& clock) {
    const auto directory = std::make_shared<DataDirectory>();
    SqliteOptions options = directory->Options();
    options.clock = &clock;
    options.tasks = limits;
    const auto open = [&]() -> std::shared_ptr<TaskStore> {
      const std::shared_ptr<SqliteStorage> storage = DataDirectory::Open(options);
      const auto kept =
          std::make_shared<std::pair<std::shared_ptr<DataDirectory>, std::shared_ptr<SqliteStorage>>>(
              directory, storage);
      return {kept, TasksOf(*storage).get()};
    };
    const auto first = open();
    return TaskStores{first, open()};
  });
}

TEST_CASE("what is over is found after a restart, and what was running is alone") {
  DataDirectory directory;
  {
    const auto storage = directory.Open();
    const auto tasks = TasksOf(*storage);
    REQUIRE(tasks->Insert(SampleTask(directory.clock, "done")).ok());
    REQUIRE(tasks->Insert(SampleTask(directory.clock, "running")).ok());
    REQUIRE(tasks->Finish("done", R"({"status":"completed"})").ok());
  }
  const auto storage = directory.Open();
  const auto tasks = TasksOf(*storage);
  const auto done = tasks->Find("done", "t/ann"), running = tasks->Find("running", "t/ann");
  REQUIRE((done.ok() && done->has_value() && running.ok() && running->has_value()));
  CHECK((*done)->is_over);
  CHECK_FALSE((*done)->is_alone);
  CHECK((*done)->told == R"({"status":"completed"})");
  CHECK_FALSE((*running)->is_over);
  CHECK((*running)->is_alone);
}

TEST_CASE("a task of a process that was killed is alone at once, and one of a process that lives is not") {
  DataDirectory directory;
  const std::vector<int> ended = InProcesses({[&] {
    const auto storage = directory.Open();
    const auto tasks = storage->tasks();
    if (!tasks->Insert(SampleTask(directory.clock, "killed")).ok()) return 1;
    _exit(0);  // no destructor runs: as if it had been killed
  }});
  REQUIRE(ended == std::vector<int>{0});
  CHECK(MarksIn(directory.path) == 1);
  const auto mine = directory.Open(), other = directory.Open();
  const auto tasks = TasksOf(*mine);
  REQUIRE(tasks->Insert(SampleTask(directory.clock, "living")).ok());
  CHECK(MarksIn(directory.path) == 1);  // the dead one's is gone
  const auto elsewhere = TasksOf(*other);
  CHECK((*elsewhere->Find("killed", "t/ann"))->is_alone);
  CHECK_FALSE((*elsewhere->Find("living", "t/ann"))->is_alone);
  CHECK_FALSE((*tasks->Find("living", "t/ann"))->is_alone);
}

TEST_CASE("the file of tasks is made when the first is kept, and is the owner's alone") {
  DataDirectory directory;
  const auto storage = directory.Open();
  const auto tasks = TasksOf(*storage);
  CHECK(ToldOf(*tasks, "none").empty());
  const std::string ids[] = {"none"};
  CHECK(tasks->TakeWishes(ids)->empty());
  CHECK_FALSE(std::filesystem::exists(directory.File("tasks.db")));
  CHECK(MarksIn(directory.path) == 0);
  REQUIRE(tasks->Insert(SampleTask(directory.clock, "first")).ok());
  const auto mode = std::filesystem::status(directory.File("tasks.db")).permissions();
  CHECK((mode & std::filesystem::perms(077)) == std::filesystem::perms::none);
}

TEST_CASE("a file of tasks that cannot be opened is told once, refused, and tried again") {
  DataDirectory directory;
  std::vector<std::string> told;
  SqliteOptions options = directory.Options();
  options.log = [&told](std::string_view line) { told.emplace_back(line); };
  const auto storage = DataDirectory::Open(options);
  const auto tasks = TasksOf(*storage);
  std::filesystem::create_directory(directory.File("tasks.db"));
  CHECK_FALSE(tasks->Insert(SampleTask(directory.clock, "one")).ok());
  CHECK_FALSE(tasks->Find("one", "t/ann").ok());
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("tasks cannot be kept: ") == 0);
  CHECK(told[0].find("tasks.db") != std::string::npos);
  std::filesystem::remove(directory.File("tasks.db"));
  CHECK(tasks->Insert(SampleTask(directory.clock, "one")).ok());
}

TEST_CASE("a wish left by another process reaches the one that runs the task") {
  DataDirectory directory;
  const std::vector<int> ended =
      InProcesses({[&] {
                     const auto storage = directory.Open();
                     const auto tasks = storage->tasks();
                     if (!tasks->Insert(SampleTask(directory.clock, "one")).ok()) return 1;
                     const std::string ids[] = {"one"};
                     for (int i = 0; i < 10'000'000; ++i) {
                       const auto taken = tasks->TakeWishes(ids);
                       if (!taken.ok()) return 2;
                       if (!taken->empty()) return (*taken)[0].text == "stop" ? 0 : 3;
                     }
                     return 4;
                   },
                   [&] {
                     const auto storage = directory.Open();
                     const auto tasks = storage->tasks();
                     for (int i = 0; i < 10'000'000; ++i) {
                       const absl::Status left = tasks->Leave({"one", "stop"}, "t/ann");
                       if (left.ok()) return 0;
                       if (!absl::IsNotFound(left)) return 1;
                     }
                     return 2;
                   }});
  CHECK(ended == std::vector<int>{0, 0});
}

TEST_CASE("a store whose storage is gone refuses, and loses nothing") {
  DataDirectory directory;
  std::shared_ptr<TaskStore> tasks;
  {
    const auto storage = directory.Open();
    tasks = TasksOf(*storage);
  }
  CHECK(absl::IsUnavailable(tasks->Insert(SampleTask(directory.clock, "late"))));
  CHECK(ToldOf(*tasks, "late").empty());
}

}  // namespace
}  // namespace mcpgate::testing
