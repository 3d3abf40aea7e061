// File: cli/completion.h
//
// mcpgate completion: what a shell needs to complete the command line.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

/// A script for bash (and for zsh with bashcompinit) made of the commands and options that `root` declares.
std::string BashCompletion(const CLI::App& root);

}  // namespace mcpgate::hosts
