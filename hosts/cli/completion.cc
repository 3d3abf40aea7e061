#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace mcpgate::hosts {
namespace {

constexpr char kBegin[] = R"(# Completes mcpgate in bash:  source <(mcpgate completion)
_mcpgate() {
  local at='' word words='' valued=''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
)";

constexpr char kMiddle[] = R"() at="$at $word" ;;
    esac
  done
  case "$at" in
)";

// After an option that takes a value nothing is proposed, and bash falls back to names of files.
constexpr char kEnd[] = R"(  esac
  COMPREPLY=()
  case " $valued " in *" ${COMP_WORDS[COMP_CWORD-1]} "*) return ;; esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mcpgate mcpgate
)";

// One place in the tree of commands: " keys create".
struct Place {
  std::string path;
  std::string words;
  std::string valued;  // options that take a value
};

void AddWord(std::string& words, const std::string& word) {
  if (!words.empty()) words += ' ';
  words += word;
}

void AddOptions(const CLI::App& app, Place& place) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      AddWord(place.words, "--" + name);
      if (option->get_items_expected_max() > 0) AddWord(place.valued, "--" + name);
    }
  }
}

void Collect(const CLI::App& root, const CLI::App& app, const std::string& path, std::vector<Place>& places) {
  Place place{.path = path};
  for (const CLI::App* command : app.get_subcommands({})) AddWord(place.words, command->get_name());
  AddOptions(app, place);
  if (&app != &root) AddOptions(root, place);  // they may stand behind a command
  places.push_back(std::move(place));
  for (const CLI::App* command : app.get_subcommands({})) {
    Collect(root, *command, path + " " + command->get_name(), places);
  }
}

}  // namespace

std::string BashCompletion(const CLI::App& root) {
  std::vector<Place> places;
  Collect(root, root, "", places);
  std::string paths;
  std::string cases;
  for (const Place& place : places) {
    if (!place.path.empty()) paths += fmt::format("{}'{}'", paths.empty() ? "      " : " | ", place.path);
    cases += fmt::format("    '{}') words='{}' valued='{}' ;;\n", place.path, place.words, place.valued);
  }
  return kBegin + paths + kMiddle + cases + kEnd;
}

}  // namespace mcpgate::hosts
