#include "common/data_directory.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "environment.h"

namespace mcpgate::hosts {
namespace {

using testing::ScopedVariable;

struct Case {
  const char* option;
  const char* variable;
  const char* xdg;
  const char* expected;
};

TEST_CASE("the data directory is the first that is named") {
  const ScopedVariable home("HOME", "/people/ada");
  const Case cases[] = {{"/opt/x", "/srv/y", "/xdg", "/opt/x"},
                        {"", "/srv/y", "/xdg", "/srv/y"},
                        {"", "", "/xdg", "/xdg/mcpgate"},
                        {"", nullptr, nullptr, "/people/ada/.local/share/mcpgate"},
                        {"", nullptr, "", "/people/ada/.local/share/mcpgate"},
                        {"", nullptr, "relative", "/people/ada/.local/share/mcpgate"},
                        {"/opt/../srv/./x", nullptr, nullptr, "/srv/x"}};
  for (const Case& c : cases) {
    CAPTURE(c.expected);
    const ScopedVariable variable("MCPGATE_DATA", c.variable);
    const ScopedVariable xdg("XDG_DATA_HOME", c.xdg);
    const absl::StatusOr<std::string> directory = DataDirectory(c.option);
    REQUIRE(directory.ok());
    CHECK(*directory == c.expected);
  }
}

TEST_CASE("a relative directory is made absolute") {
  const absl::StatusOr<std::string> directory = DataDirectory("here");
  REQUIRE(directory.ok());
  CHECK(*directory == (std::filesystem::current_path() / "here").string());
}

}  // namespace
}  // namespace mcpgate::hosts
