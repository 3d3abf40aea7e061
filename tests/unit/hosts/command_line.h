// The mcpgate command line on a data directory of its own.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "files.h"
#include "mcpgate/json.h"
#include "program.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {

struct CommandLine {
  TempDir dir;
  std::string data = dir / "data";

  Ended Call(std::vector<std::string> words) const {
    words.insert(words.begin(), {kMcpgate, "--data", data});
    return Run(words, {{"HOME", dir.path().string()}});
  }
  /// The JSON that a command answers; it must succeed.
  Json Ask(std::vector<std::string> words) const {
    words.insert(words.begin(), "--json");
    const Ended ended = Call(std::move(words));
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    absl::StatusOr<Json> json = ParseJson(ended.out);
    REQUIRE(json.ok());
    return *std::move(json);
  }
  /// The JSON lines that a command answers.
  std::vector<Json> AskLines(std::vector<std::string> words) const {
    words.insert(words.begin(), "--json");
    const Ended ended = Call(std::move(words));
    REQUIRE(ended.code == 0);
    std::vector<Json> lines;
    for (std::size_t at = 0; at < ended.out.size();) {
      const std::size_t end = ended.out.find('\n', at);
      lines.push_back(ParseJson(ended.out.substr(at, end - at)).value_or(Json()));
      at = end + 1;
    }
    return lines;
  }
  /// A new key: {"key": {...}, "token": "..."}.
  Json Create(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"keys", "create", "--name", "laptop"};
    words.insert(words.end(), more.begin(), more.end());
    return Ask(words);
  }
};

}  // namespace mcpgate::testing
