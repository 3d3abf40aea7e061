#include <doctest/doctest.h>

#include "contract/task_store_contract.h"

namespace mcpgate::testing {
namespace {

TEST_CASE("the memory store keeps the contract of TaskStore") {
  TaskStoreContract([](const TaskStoreLimits& limits, const Clock& clock) {
    const std::shared_ptr<TaskStore> store = NewMemoryTaskStore(limits, clock);
    return TaskStores{store, store};
  });
}

}  // namespace
}  // namespace mcpgate::testing
