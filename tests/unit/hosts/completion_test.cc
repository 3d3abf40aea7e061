// What mcpgate completion prints, as bash uses it.
#include <doctest/doctest.h>

#include <string>

#include "program.h"

namespace mcpgate::hosts {
namespace {

/// What bash proposes for the last of `words`.
std::string Proposed(const std::string& words) {
  const testing::Ended script = testing::Run({testing::kMcpgate, "completion"});
  REQUIRE(script.code == 0);
  const std::string ask = script.out + "COMP_WORDS=(mcpgate " + words +
                          ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_mcpgate\necho \"${COMPREPLY[*]}\"\n";
  const testing::Ended ended = testing::Run({"/bin/bash", "--norc", "-c", ask}, {{"PATH", "/usr/bin:/bin"}});
  REQUIRE(ended.err.empty());
  return ended.out.substr(0, ended.out.find('\n'));
}

TEST_CASE("a shell completes commands, their options and those of every command") {
  CHECK(Proposed("ke") == "keys");
  CHECK(Proposed("keys cr") == "create");
  CHECK(Proposed("setup claude-") == "claude-desktop claude-code");
  CHECK(Proposed("keys create --na") == "--name");
  CHECK(Proposed("keys create --name me --exp") == "--expires");
  CHECK(Proposed("keys list --js") == "--json");
  CHECK(Proposed("doctor --st") == "--strict");
}

TEST_CASE("a shell proposes no options where a value belongs") {
  CHECK(Proposed("keys create --key-file ''") == "");
  CHECK(Proposed("--data --js") == "");
}

}  // namespace
}  // namespace mcpgate::hosts
