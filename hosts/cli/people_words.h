// File: cli/people_words.h
//
// The words of `mcpgate tenants`, `teams`, `principals`, `token` and `explain`.
#pragma once

#include "cli/choice.h"

namespace mcpgate::hosts {

void DeclarePeople(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
