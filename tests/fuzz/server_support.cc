#include <chrono>
#include <utility>

#include "fuzz/require.h"
#include "fuzz/server.h"
#include "mcpgate/json.h"
#include "support/everything.h"

namespace mcpgate::fuzz {
namespace {

class HereAndNow final : public Executor {
 public:
  bool Submit(absl::AnyInvocable<void()> work) override {
    work();
    return true;
  }
};

std::unique_ptr<testing::Served> NewServer() {
  return std::make_unique<testing::Served>(
      testing::Serving{.registry = testing::Everything(), .limits = {}, .tune = [](ServerOptions& options) {
                         options.executor = std::make_shared<HereAndNow>();
                         options.clock = &Clock::System();
                         options.ask_patience = std::chrono::milliseconds(1);
                         options.call_deadline = std::chrono::milliseconds(1);
                       }});
}

}  // namespace

testing::Served& SharedServer() {
  constexpr int kInputsEach = 2'000;
  static std::unique_ptr<testing::Served> server;
  static int inputs = 0;
  if (inputs++ % kInputsEach == 0) {
    server = nullptr;
    server = NewServer();
  }
  return *server;
}

bool Ear::Notify(std::string message) {
  Require(finished_ == 0, "nothing is said after the answer");
  Require(ParseJson(message).ok(), "a notification is JSON");
  return true;
}

void Ear::Finish(ServerAnswer answer) {
  Require(++finished_ == 1, "there is one answer");
  answer_ = std::move(answer.message);
  Require(answer_.empty() || ParseJson(answer_).ok(), "an answer is JSON");
}

}  // namespace mcpgate::fuzz
