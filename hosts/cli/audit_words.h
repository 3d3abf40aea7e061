// File: cli/audit_words.h
//
// The words of `mcpgate audit`.
#pragma once

#include "cli/choice.h"

namespace mcpgate::hosts {

void DeclareAudit(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
