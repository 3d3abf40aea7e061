// A registry with one of each: prompts, resources, a template, completions, and tools that ask and log.
#pragma once

#include <string>

#include "mcpgate/registry.h"

namespace mcpgate::testing {

/// See the source for what each entry does; the transcripts and tests name them.
Registry Everything();

/// A tool that only says its name, for lists that change.
Tool Idle(std::string name);

}  // namespace mcpgate::testing
