#include "mcpgate/trace_context.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

TEST_CASE("the trace id is taken only from a well-formed traceparent") {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  CHECK(TraceIdOf(good) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(TraceIdOf("cc" + good.substr(2) + "-what-a-later-version-adds") ==
        "4bf92f3577b34da6a3ce929d0e0e4736");
  for (const char* text : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
       }) {
    CAPTURE(text);
    CHECK(TraceIdOf(text).empty());
  }
}

}  // namespace
}  // namespace mcpgate
