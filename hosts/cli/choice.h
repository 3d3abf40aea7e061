// File: cli/choice.h
//
// How the commands are declared.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

/// What the options of all commands fill in. `data` is copied into the chosen command's options last, because
/// --data may stand behind the command.
struct Choice {
  bool json = false;
  std::string data;
  std::function<int(const Console&)> command;
};

/// A command: its options live as long as the parser, and `run` is what it does with them.
template <typename Options>
Options& Command(CLI::App* app, Choice& choice, int (*run)(const Console&, const Options&)) {
  auto options = std::make_shared<Options>();
  app->callback([options, &choice, run] {
    if constexpr (requires { options->data; }) options->data = choice.data;
    choice.command = [options, run](const Console& console) { return run(console, *options); };
  });
  return *options;
}

inline CLI::App* Subcommand(CLI::App& parent, const char* name, const char* about, const char* more) {
  CLI::App* app = parent.add_subcommand(name, about);
  app->footer(more);
  return app;
}

inline CLI::App& Group(CLI::App& parent, const char* name, const char* about) {
  CLI::App* app = parent.add_subcommand(name, about);
  app->require_subcommand(1);
  return *app;
}

}  // namespace mcpgate::hosts
