// A registry that changes while it is served.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/registry.h"
#include "support/everything.h"
#include "tool/catalog.h"

namespace mcpgate {
namespace {

using testing::Everything;
using testing::Idle;

std::vector<std::string> Names(const Registry& registry) {
  std::vector<std::string> names;
  const auto catalog = registry.catalog();
  for (const auto& tool : catalog->tools.entries()) names.push_back(tool->key());
  return names;
}

Registry Three() {
  Registry registry;
  for (const char* name : {"a", "b", "c"}) REQUIRE(registry.Add(Idle(name)).ok());
  return registry;
}

TEST_CASE("what is removed is gone, and its name is free") {
  Registry registry = Three();
  CHECK(registry.Remove(Listed::kTools, "b").ok());
  CHECK(Names(registry) == std::vector<std::string>{"a", "c"});
  CHECK(absl::IsNotFound(registry.Remove(Listed::kTools, "b")));
  CHECK(absl::IsNotFound(registry.Remove(Listed::kPrompts, "a")));
  CHECK(registry.Add(Idle("b")).ok());
  CHECK(Names(registry) == std::vector<std::string>{"a", "c", "b"});
}

TEST_CASE("what is disabled keeps its place and its name") {
  Registry registry = Three();
  CHECK(registry.SetEnabled(Listed::kTools, "b", false).ok());
  CHECK(Names(registry) == std::vector<std::string>{"a", "c"});
  CHECK(registry.catalog()->tools.Find("b") == nullptr);
  CHECK(absl::IsAlreadyExists(registry.Add(Idle("b"))));
  CHECK(registry.SetEnabled(Listed::kTools, "b", true).ok());
  CHECK(Names(registry) == std::vector<std::string>{"a", "b", "c"});
  CHECK(absl::IsNotFound(registry.SetEnabled(Listed::kTools, "z", true)));
}

TEST_CASE("a catalog that was taken does not change") {
  Registry registry = Three();
  const auto before = registry.catalog();
  REQUIRE(registry.Remove(Listed::kTools, "a").ok());
  CHECK(before->tools.entries().size() == 3);
  CHECK(before->tools.Find("a") != nullptr);
}

TEST_CASE("each list is watched by its name, and only changes are told") {
  Registry registry = Everything();
  std::vector<Listed> told;
  auto watch = registry.Watch([&](Listed list) { told.push_back(list); });
  CHECK(registry.Add(Idle("new")).ok());
  CHECK_FALSE(registry.Add(Idle("new")).ok());
  CHECK_FALSE(registry.Add(Idle("bad name")).ok());
  CHECK_FALSE(registry.Remove(Listed::kPrompts, "none").ok());
  CHECK(registry.Remove(Listed::kPrompts, "greet").ok());
  CHECK(registry.Remove(Listed::kResources, "memo:///one").ok());
  CHECK(registry.SetEnabled(Listed::kTemplates, "memo:///day/{day}", false).ok());
  CHECK(told ==
        std::vector<Listed>{Listed::kTools, Listed::kPrompts, Listed::kResources, Listed::kTemplates});
  watch.reset();
  CHECK(registry.Remove(Listed::kTools, "new").ok());
  CHECK(told.size() == 4);
}

TEST_CASE("a watcher may change the registry and take its catalog") {
  Registry registry = Three();
  bool once = false;
  const auto watch = registry.Watch([&](Listed) {
    if (std::exchange(once, true)) return;
    CHECK(registry.catalog()->tools.Find("d") != nullptr);
    CHECK(registry.Remove(Listed::kTools, "a").ok());
  });
  CHECK(registry.Add(Idle("d")).ok());
  CHECK(Names(registry) == std::vector<std::string>{"b", "c", "d"});
}

TEST_CASE("an entry that does not compile is refused and changes nothing") {
  Registry registry = Everything();
  const auto handler = [](const ResourceRequest&, CallContext&) -> absl::StatusOr<ResourceResult> {
    return ResourceResult();
  };
  const auto before = registry.catalog();
  CHECK(absl::IsInvalidArgument(registry.Add(Resource{.uri = "no uri", .name = "x", .handler = handler})));
  CHECK(absl::IsInvalidArgument(registry.Add(Resource{.uri = "a:x", .handler = handler})));
  CHECK(absl::IsInvalidArgument(registry.Add(Resource{.uri = "a:x", .name = "x"})));
  CHECK(absl::IsAlreadyExists(registry.Add(Resource{.uri = "memo:///one", .name = "x", .handler = handler})));
  CHECK(absl::IsInvalidArgument(
      registry.Add(ResourceTemplate{.uri_template = "a:{x", .name = "x", .handler = handler})));
  CHECK(absl::IsInvalidArgument(
      registry.Add(ResourceTemplate{.uri_template = "a:{x*}", .name = "x", .handler = handler})));
  Prompt prompt{.name = "p", .arguments = {{.name = "x"}, {.name = "x"}}};
  CHECK(absl::IsInvalidArgument(registry.Add(prompt)));
  prompt.handler = [](const PromptArguments&, CallContext&) -> absl::StatusOr<PromptResult> {
    return PromptResult();
  };
  CHECK(absl::IsInvalidArgument(registry.Add(prompt)));
  CHECK(registry.catalog() == before);
}

TEST_CASE("the first template that an address fits is taken, in the order they were added") {
  Registry registry;
  const auto handler = [](const ResourceRequest&, CallContext&) -> absl::StatusOr<ResourceResult> {
    return ResourceResult();
  };
  for (const char* text : {"a:/x/{one}", "a:/{+all}"}) {
    REQUIRE(registry.Add(ResourceTemplate{.uri_template = text, .name = "t", .handler = handler}).ok());
  }
  const auto key = [&](std::string_view uri) {
    const auto match = registry.catalog()->MatchTemplate(uri);
    return match ? match->entry->key() : std::string();
  };
  CHECK(key("a:/x/1") == "a:/x/{one}");
  CHECK(key("a:/x/1/2") == "a:/{+all}");
  CHECK(key("b:/x").empty());
}

TEST_CASE("once a watch has ended, nobody is in it") {
  Registry registry = Three();
  std::atomic<bool> done{false};
  std::thread changer([&] {
    while (!done) CHECK(registry.SetEnabled(Listed::kTools, "a", true).ok());
  });
  for (int i = 0; i < 200; ++i) {
    std::atomic<int> inside{0};
    auto watch = registry.Watch([&inside](Listed) {
      ++inside;
      std::this_thread::yield();
      --inside;
    });
    CHECK(registry.SetEnabled(Listed::kTools, "b", true).ok());
    watch.reset();
    CHECK(inside == 0);
  }
  done = true;
  changer.join();
}

TEST_CASE("changes, readers and watchers may come from many threads at once") {
  Registry registry = Three();
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string name = "t" + std::to_string(t) + "-" + std::to_string(i);
        CHECK(registry.Add(Idle(name)).ok());
        CHECK(registry.Remove(Listed::kTools, name).ok());
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 200; ++i) {
      const auto watch = registry.Watch([&](Listed) { ++told; });
      CHECK(registry.catalog()->tools.entries().size() >= 3);
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(Names(registry) == std::vector<std::string>{"a", "b", "c"});
}

}  // namespace
}  // namespace mcpgate
