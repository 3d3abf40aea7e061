// File: cli/key_words.h
//
// The words of `mcpgate keys`.
#pragma once

#include "cli/choice.h"
#include "cli/keys.h"

namespace mcpgate::hosts {

void DeclareKeys(CLI::App& root, Choice& choice);
/// --role, --channel and --expires.
void DeclareRights(CLI::App* app, KeyWish& wish);

}  // namespace mcpgate::hosts
