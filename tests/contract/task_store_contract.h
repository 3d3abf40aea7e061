// What every TaskStore promises. Call it in a TEST_CASE of the implementation:
//
//   TEST_CASE("the memory store keeps the contract of TaskStore") {
//     TaskStoreContract([](const TaskStoreLimits& limits, const Clock& clock) { ... });
//   }
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/task_store.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

/// Two handles on the same, still empty rows: two openings of one database, or twice the same object.
struct TaskStores {
  std::shared_ptr<TaskStore> first, second;
};
using TaskStoreFactory = std::function<TaskStores(const TaskStoreLimits& limits, const Clock& clock)>;

inline StoredTask SampleTask(const Clock& clock, std::string id, std::string owner = "t/ann") {
  return {.id = std::move(id),
          .owner = std::move(owner),
          .told = R"({"status":"working"})",
          .forget_at = clock.Now() + std::chrono::minutes(10)};
}

/// What `told` says of the task, or "" when it is not found.
inline std::string ToldOf(TaskStore& store, std::string_view id, std::string_view owner = "t/ann") {
  const auto found = store.Find(id, owner);
  REQUIRE(found.ok());
  return found->has_value() ? (*found)->told : "";
}

inline void TaskStoreContract(const TaskStoreFactory& make) {
  const FakeClock standing;

  SUBCASE("a task is found as it was told, by its owner alone, through every handle") {
    const TaskStores stores = make({}, standing);
    const StoredTask task = SampleTask(standing, "one");
    REQUIRE(stores.first->Insert(task).ok());
    for (const auto& store : {stores.first, stores.second}) {
      const auto found = store->Find("one", task.owner);
      REQUIRE(found.ok());
      REQUIRE(found->has_value());
      CHECK((*found)->id == "one");
      CHECK((*found)->owner == task.owner);
      CHECK((*found)->told == task.told);
      CHECK((*found)->forget_at == task.forget_at);
      CHECK_FALSE((*found)->is_over);
      CHECK_FALSE((*found)->is_alone);
      CHECK(ToldOf(*store, "one", "t/bob").empty());
      CHECK(ToldOf(*store, "one", "").empty());
      CHECK(ToldOf(*store, "two").empty());
    }
  }

  SUBCASE("an id is taken once, whoever asks") {
    const TaskStores stores = make({}, standing);
    REQUIRE(stores.first->Insert(SampleTask(standing, "one")).ok());
    CHECK(absl::IsAlreadyExists(stores.second->Insert(SampleTask(standing, "one", "t/bob"))));
    CHECK_FALSE(ToldOf(*stores.first, "one").empty());
  }

  SUBCASE("the last word is said once, whatever its bytes") {
    const TaskStores stores = make({}, standing);
    const std::string told =
        std::string("{\"a\":\"\xc5\x81\xe2\x80\xa8'\\u0000") + std::string(100'000, 'x') + "\"}";
    REQUIRE(stores.first->Insert(SampleTask(standing, "one")).ok());
    REQUIRE(stores.first->Finish("one", told).ok());
    CHECK(ToldOf(*stores.second, "one") == told);
    CHECK((*stores.second->Find("one", "t/ann"))->is_over);
    CHECK(absl::IsNotFound(stores.first->Finish("one", "{}")));
    CHECK(absl::IsNotFound(stores.first->Finish("two", "{}")));
    CHECK(ToldOf(*stores.first, "one") == told);
  }

  SUBCASE("a task is there until its time is up, and then makes place") {
    FakeClock clock;
    const TaskStores stores = make({.tasks = 1}, clock);
    REQUIRE(stores.first->Insert(SampleTask(clock, "one")).ok());
    clock.Advance(std::chrono::minutes(10) - Nanos(1));
    CHECK_FALSE(ToldOf(*stores.first, "one").empty());
    CHECK(absl::IsResourceExhausted(stores.first->Insert(SampleTask(clock, "two"))));
    clock.Advance(Nanos(1));
    CHECK(ToldOf(*stores.first, "one").empty());
    CHECK(stores.first->Insert(SampleTask(clock, "two")).ok());
  }

  SUBCASE("one owner's tasks are bounded, and leave place to others") {
    const TaskStores stores = make({.tasks = 3, .tasks_of_owner = 2}, standing);
    REQUIRE(stores.first->Insert(SampleTask(standing, "1")).ok());
    REQUIRE(stores.first->Insert(SampleTask(standing, "2")).ok());
    REQUIRE(stores.first->Finish("1", "{}").ok());
    CHECK(absl::IsResourceExhausted(stores.second->Insert(SampleTask(standing, "3"))));
    CHECK(stores.first->Insert(SampleTask(standing, "4", "t/bob")).ok());
    CHECK(absl::IsResourceExhausted(stores.first->Insert(SampleTask(standing, "5", "t/cat"))));
  }

  SUBCASE("bytes are bounded too, and what is too long changes nothing") {
    const TaskStores stores = make({.bytes = 300, .bytes_of_owner = 200}, standing);
    REQUIRE(stores.first->Insert(SampleTask(standing, "1")).ok());
    CHECK(absl::IsResourceExhausted(stores.first->Finish("1", std::string(201, 'x'))));
    CHECK(ToldOf(*stores.first, "1") == SampleTask(standing, "1").told);
    CHECK(stores.first->Finish("1", std::string(200, 'x')).ok());
    CHECK(absl::IsResourceExhausted(stores.first->Insert(SampleTask(standing, "2"))));
    REQUIRE(stores.first->Insert(SampleTask(standing, "3", "t/bob")).ok());
    CHECK(absl::IsResourceExhausted(stores.first->Finish("3", std::string(101, 'x'))));
    CHECK(stores.first->Finish("3", std::string(100, 'x')).ok());
  }

  SUBCASE("what is told of a running task can change, and it goes on") {
    const TaskStores stores = make({.bytes_of_owner = 200}, standing);
    REQUIRE(stores.first->Insert(SampleTask(standing, "one")).ok());
    REQUIRE(stores.first->Update("one", R"({"status":"input_required"})").ok());
    CHECK(ToldOf(*stores.second, "one") == R"({"status":"input_required"})");
    CHECK_FALSE((*stores.second->Find("one", "t/ann"))->is_over);
    CHECK(absl::IsResourceExhausted(stores.first->Update("one", std::string(201, 'x'))));
    CHECK(absl::IsNotFound(stores.first->Update("two", "{}")));
    REQUIRE(stores.first->Finish("one", "{}").ok());
    CHECK(absl::IsNotFound(stores.first->Update("one", "{}")));
  }

  SUBCASE("wishes reach whoever runs the task, once and in order") {
    const TaskStores stores = make({}, standing);
    for (const char* id : {"one", "two"}) REQUIRE(stores.first->Insert(SampleTask(standing, id)).ok());
    REQUIRE(stores.second->Leave({"one", "a"}, "t/ann").ok());
    REQUIRE(stores.second->Leave({"two", "b"}, "t/ann").ok());
    REQUIRE(stores.second->Leave({"one", std::string("c\0d", 3)}, "t/ann").ok());
    const std::string ids[] = {"one", "elsewhere"};
    const auto taken = stores.first->TakeWishes(ids);
    REQUIRE(taken.ok());
    REQUIRE(taken->size() == 2);
    CHECK((*taken)[0].id == "one");
    CHECK((*taken)[0].text == "a");
    CHECK((*taken)[1].text == std::string("c\0d", 3));
    CHECK(stores.first->TakeWishes(ids)->empty());
    REQUIRE(stores.first->Finish("two", "{}").ok());
    const std::string two[] = {"two"};
    CHECK(stores.first->TakeWishes(two)->empty());  // gone with its task
  }

  SUBCASE("wishes are for the owner's running tasks alone, and bounded") {
    const TaskStores stores = make({.wishes_of_owner = 2, .wish_bytes = 10}, standing);
    REQUIRE(stores.first->Insert(SampleTask(standing, "one")).ok());
    REQUIRE(stores.first->Insert(SampleTask(standing, "bobs", "t/bob")).ok());
    CHECK(absl::IsNotFound(stores.second->Leave({"one", "a"}, "t/bob")));
    CHECK(absl::IsNotFound(stores.second->Leave({"none", "a"}, "t/ann")));
    CHECK(absl::IsResourceExhausted(stores.second->Leave({"one", std::string(11, 'x')}, "t/ann")));
    CHECK(stores.second->Leave({"one", "a"}, "t/ann").ok());
    CHECK(stores.second->Leave({"one", "b"}, "t/ann").ok());
    CHECK(absl::IsResourceExhausted(stores.second->Leave({"one", "c"}, "t/ann")));
    CHECK(stores.second->Leave({"bobs", "c"}, "t/bob").ok());
    REQUIRE(stores.first->Finish("one", "{}").ok());
    CHECK(absl::IsNotFound(stores.second->Leave({"one", "a"}, "t/ann")));
  }

  SUBCASE("of many who insert at once no more get in than may") {
    const TaskStores stores = make({.tasks_of_owner = 10}, standing);
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        TaskStore& store = i % 2 == 0 ? *stores.first : *stores.second;
        for (int j = 0; j < 5; ++j) {
          const std::string id = std::to_string(i) + "-" + std::to_string(j);
          if (store.Insert(SampleTask(standing, id)).ok() && store.Finish(id, "{}").ok()) ++taken;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(taken == 10);
  }

  SUBCASE("a sweep removes what may be forgotten, so many at a time, and nothing else") {
    FakeClock clock;
    const TaskStores stores = make({}, clock);
    CHECK(*stores.first->Sweep(10, /*dry_run=*/false) == 0);
    for (const std::string id : {"a", "b", "c"}) REQUIRE(stores.first->Insert(SampleTask(clock, id)).ok());
    clock.Advance(std::chrono::minutes(5));
    REQUIRE(stores.first->Insert(SampleTask(clock, "later")).ok());
    CHECK(*stores.second->Sweep(10, /*dry_run=*/false) == 0);
    clock.Advance(std::chrono::minutes(5));
    CHECK(*stores.second->Sweep(10, /*dry_run=*/true) == 3);
    CHECK(*stores.second->Sweep(2, /*dry_run=*/true) == 2);
    CHECK(*stores.first->Sweep(2, /*dry_run=*/false) == 2);
    CHECK(*stores.second->Sweep(2, /*dry_run=*/false) == 1);
    CHECK(*stores.first->Sweep(2, /*dry_run=*/false) == 0);
    CHECK_FALSE(ToldOf(*stores.second, "later").empty());
  }
}

}  // namespace mcpgate::testing
