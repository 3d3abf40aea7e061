// File: cli/notices.h
//
// mcpgate notices: what waits to be delivered, and one to see whether it arrives.
#pragma once

#include <string>

#include "cli/choice.h"
#include "cli/console.h"

namespace mcpgate::hosts {

struct NoticesOptions {
  std::string data;
};
int ListNotices(const Console& console, const NoticesOptions& options);
int TestNotices(const Console& console, const NoticesOptions& options);

void DeclareNotices(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
