#include "common/weak_secret.h"

#include <doctest/doctest.h>

#include <string>

#include "common/secret_source.h"
#include "environment.h"
#include "files.h"
#include "support/temp_dir.h"

namespace mcpgate::hosts {
namespace {

using testing::ScopedVariable;

TEST_CASE("placeholders and what is tried first are known") {
  for (const char* text : {"changeme",
                           "Change-Me!",
                           "CHANGE_ME",
                           "password",
                           "secret",
                           "<your bot token>",
                           "${TOKEN}",
                           "your-token-here",
                           "YOUR_DISCORD_TOKEN",
                           "put-your-token-here",
                           "replace_this",
                           "insert token",
                           "xxxxxxxx",
                           "****",
                           "...",
                           "mcpg_k_...",
                           "123456",
                           "\"test\"",
                           "{{ secret }}",
                           "sk-1234",
                           "todo"}) {
    CAPTURE(text);
    CHECK(IsKnownWeak(text));
  }
}

TEST_CASE("what is random, or nothing at all, is no placeholder") {
  for (const char* text :
       {"", "  ", "mcpg_k_7Qx0aZ3LmP9t_3Vd8sKqT1nYw5RzB2cHfJ6mXpL9gA4eUo0QiWy7D", "from-variable", "nonsense",
        "testament-of-a-long-sentence", "MTEx.G4xx.secretsecret"}) {
    CAPTURE(text);
    CHECK_FALSE(IsKnownWeak(text));
  }
}

TEST_CASE("variables that are named like secrets and hold none are found, also in a list") {
  const ScopedVariable weak("MCPGATE_TEST_TOKEN", "changeme");
  const ScopedVariable list("MCPGATE_TEST_KEYS", "mcpg_k_7Qx0aZ3LmP9t_3Vd8,secret");
  const ScopedVariable file("MCPGATE_TEST_TOKEN_FILE", "secret");
  const ScopedVariable other("SOMEBODYS_TOKEN", "changeme");
  CHECK(WeakVariables() == std::vector<std::string>{"MCPGATE_TEST_KEYS", "MCPGATE_TEST_TOKEN"});
  const std::string refusal(CheckVariables().message());
  CHECK(refusal.find("MCPGATE_TEST_KEYS") != std::string::npos);
  CHECK(refusal.find("3Vd8") == std::string::npos);
}

TEST_CASE("a placeholder is refused wherever a secret is read from, and not repeated") {
  const testing::TempDir dir;
  {
    const ScopedVariable variable("MCPGATE_DISCORD_TOKEN", "letmein");
    const absl::Status status = ReadSecret(DiscordTokenSource("")).status();
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(std::string(status.message()).find("MCPGATE_DISCORD_TOKEN") != std::string::npos);
    CHECK(std::string(status.message()).find("letmein") == std::string::npos);
  }
  testing::WriteFile(dir / "bot.token", "your-token-here\n");
  const absl::Status status = ReadSecret(DiscordTokenSource(dir / "bot.token")).status();
  CHECK(std::string(status.message()).find(dir / "bot.token") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate::hosts
