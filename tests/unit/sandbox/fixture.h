// A sandbox on a clock that stands still, and a client of it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "client.h"
#include "sandbox/sandbox.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

inline std::unique_ptr<Sandbox> StartSandbox(SandboxOptions options) {
  auto started = Sandbox::Start(std::move(options));
  REQUIRE_MESSAGE(started.ok(), std::string(started.status().message()));
  return *std::move(started);
}

struct Bot {
  explicit Bot(SandboxOptions options = {.rate_limits = false})
      : sandbox(StartSandbox((options.clock = &clock, options))), client(*sandbox) {}

  std::string Messages(const char* channel = "general") const {
    return "/channels/" + sandbox->ChannelId(channel) + "/messages";
  }
  Answer Say(const std::string& content, const char* channel = "general") {
    return client.Post(Messages(channel), {{"content", content}});
  }

  FakeClock clock;
  std::unique_ptr<Sandbox> sandbox;
  Client client;
};

}  // namespace mcpgate::testing
