// File: cli/notices.h
//
// mcpgate notices: what waits to be delivered, one to see whether it arrives, and places that are no more.
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

struct ForgetPlaceOptions {
  std::string data, place;
};
int ForgetPlace(const Console& console, const ForgetPlaceOptions& options);

void DeclareNotices(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
