// Runs the conversations of tests/transcript. A file is a list of scenes:
//
//   === a sentence          a fresh server and connection
//   serving everything      with prompts, resources and more (support/everything.cc), not tools alone
//   pages of 2              with lists in pages of that many
//   as writer               whose key the following messages carry (reader until said otherwise)
//   > {...}                 sent as it stands, valid JSON or not
//   < {...}                 the next answer, compared as JSON; the string "*" fits anything
//   <                       the message was answered with silence
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/everything.h"
#include "support/served.h"

namespace mcpgate {
namespace {

bool Fits(const Json& expected, const Json& actual) {
  if (expected.is_string() && expected.get_ref<const std::string&>() == "*") return true;
  if (expected.type() != actual.type() && !(expected.is_number() && actual.is_number())) return false;
  if (expected.is_object()) {
    if (expected.size() != actual.size()) return false;
    for (const auto& [name, value] : expected.items()) {
      if (!actual.contains(name) || !Fits(value, actual.at(name))) return false;
    }
    return true;
  }
  if (expected.is_array()) {
    return expected.size() == actual.size() &&
           std::equal(expected.begin(), expected.end(), actual.begin(),
                      [](const Json& e, const Json& a) { return Fits(e, a); });
  }
  return expected == actual;
}

class Scene {
 public:
  void Play(std::string_view line) {
    if (line == "serving everything") {
      everything_ = true;
    } else if (line.starts_with("pages of ")) {
      page_size_ = std::stoul(std::string(line.substr(9)));
    } else if (line.starts_with("as ")) {
      role_ = line.substr(3);
    } else if (line.starts_with("> ")) {
      Send(line.substr(2));
    } else if (line == "<") {
      CHECK(heard_->empty());
    } else if (line.starts_with("< ")) {
      Expect(std::string(line.substr(2)));
    } else {
      FAIL("not a line of a transcript: " << line);
    }
  }

  ~Scene() { CHECK(heard_->empty()); }

 private:
  void Send(std::string_view message) {
    if (served_ == nullptr) {
      served_ = std::make_unique<testing::Served>(
          testing::Serving{.registry = everything_ ? testing::Everything() : testing::PlainTools(),
                           .tune = [this](ServerOptions& options) { options.page_size = page_size_; }});
      session_ = served_->server->NewSession();
    }
    served_->server->Handle(message, {.credentials = served_->As(role_), .session = session_}, heard_);
  }

  void Expect(const std::string& text) {
    const auto expected = ParseJson(text);
    REQUIRE_MESSAGE(expected.ok(), expected.status().ToString());
    const std::string answer = heard_->Next();
    const auto actual = ParseJson(answer);
    REQUIRE_MESSAGE(actual.ok(), "answer: '" << answer << "'");
    CHECK_MESSAGE(Fits(*expected, *actual), "expected " << text << "\n  got      " << answer);
  }

  bool everything_ = false;
  std::size_t page_size_ = 50;
  std::unique_ptr<testing::Served> served_;  // made when the first message is sent
  std::shared_ptr<Session> session_;
  std::shared_ptr<testing::Heard> heard_ = std::make_shared<testing::Heard>();
  std::string role_ = "reader";
};

void PlayFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::unique_ptr<Scene> scene;
  std::string line;
  int number = 0;
  std::string title;
  while (std::getline(file, line)) {
    ++number;
    if (line.empty() || line.starts_with("#")) continue;
    if (line.starts_with("=== ")) {
      scene.reset();
      title = line.substr(4);
      scene = std::make_unique<Scene>();
      continue;
    }
    CAPTURE(path.filename().string());
    CAPTURE(number);
    CAPTURE(title);
    REQUIRE(scene != nullptr);
    scene->Play(line);
  }
  scene.reset();
}

TEST_CASE("every transcript plays as written") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(MCPGATE_TRANSCRIPTS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const auto& file : files) {
    SUBCASE(file.filename().string().c_str()) { PlayFile(file); }
  }
}

}  // namespace
}  // namespace mcpgate
