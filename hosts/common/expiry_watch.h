// File: common/expiry_watch.h
//
// Keys that end soon, told before they do.
#pragma once

#include <functional>
#include <thread>

#include "absl/status/status.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/notice.h"

namespace mcpgate::hosts {

/// Posts a notice for each live key that ends within a week and was made for more than a day; at most 100,
/// and then one of how many more there are. What was told before is left to the outbox.
absl::Status TellExpiring(KeyAdmin& keys, WallTime now,
                          const std::function<absl::Status(const Notice&)>& post);

/// Calls `tell` at once and then every day, on the thread that it answers.
std::jthread TellEveryDay(std::function<void()> tell);

}  // namespace mcpgate::hosts
