#include "common/secret_source.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "environment.h"
#include "files.h"
#include "support/temp_dir.h"

namespace mcpgate::hosts {
namespace {

using testing::ModeOf;
using testing::ScopedVariable;
using testing::TempDir;
using testing::WriteFile;

TEST_CASE("a secret file is read without its line end") {
  const TempDir dir;
  for (const char* text : {"token", "token\n", "token\r\n"}) {
    WriteFile(dir / "key", text);
    const absl::StatusOr<Secret> secret = ReadSecretFile(dir / "key");
    REQUIRE(secret.ok());
    CHECK(RevealSecret(*secret) == "token");
  }
}

TEST_CASE("only one line end is taken away") {
  const TempDir dir;
  WriteFile(dir / "key", "token\n\n");
  const absl::StatusOr<Secret> secret = ReadSecretFile(dir / "key");
  REQUIRE(secret.ok());
  CHECK(RevealSecret(*secret) == "token\n");
}

TEST_CASE("a secret file that others can touch is refused with the command that mends it") {
  const TempDir dir;
  for (const mode_t mode : {0644, 0640, 0604, 0660, 0620, 0601}) {
    CAPTURE(mode);
    WriteFile(dir / "key", "token", mode);
    const absl::StatusOr<Secret> secret = ReadSecretFile(dir / "key");
    REQUIRE(absl::IsFailedPrecondition(secret.status()));
    CHECK(std::string(secret.status().message()).find("chmod 600") != std::string::npos);
  }
}

TEST_CASE("a secret file that only its owner can read is taken") {
  const TempDir dir;
  for (const mode_t mode : {0600, 0400, 0700}) {
    CAPTURE(mode);
    WriteFile(dir / "key", "token", mode);
    CHECK(ReadSecretFile(dir / "key").ok());
  }
}

TEST_CASE("what cannot hold a secret is refused") {
  const TempDir dir;
  WriteFile(dir / "empty", "");
  WriteFile(dir / "blank", "\n");
  WriteFile(dir / "large", std::string(4097, 'x'));
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  for (const char* name : {"empty", "blank", "large", "pipe", "."}) {
    CAPTURE(name);
    CHECK(absl::IsFailedPrecondition(ReadSecretFile(dir / name).status()));
  }
  CHECK(absl::IsNotFound(ReadSecretFile(dir / "missing").status()));
}

TEST_CASE("a secret in the environment is taken out of it") {
  const ScopedVariable variable("MCPGATE_API_KEY", "from-variable");
  const char* memory = std::getenv("MCPGATE_API_KEY");
  const absl::StatusOr<std::optional<Secret>> secret = ReadSecret(ApiKeySource(""));
  REQUIRE(secret.ok());
  REQUIRE(secret->has_value());
  CHECK(RevealSecret(**secret) == "from-variable");
  CHECK(std::getenv("MCPGATE_API_KEY") == nullptr);
  CHECK(std::string_view(memory, 13) == std::string(13, '\0'));
}

TEST_CASE("an option comes before the variable, and the variable before the file it could name") {
  const TempDir dir;
  WriteFile(dir / "option", "from-option");
  WriteFile(dir / "named", "from-named");
  const std::string named = dir / "named";
  const ScopedVariable file_variable("MCPGATE_API_KEY_FILE", named.c_str());
  const auto read = [](const std::string& option) {
    absl::StatusOr<std::optional<Secret>> secret = ReadSecret(ApiKeySource(option));
    return secret.ok() && secret->has_value() ? std::string(RevealSecret(**secret)) : "";
  };
  CHECK(read("") == "from-named");
  {
    const ScopedVariable variable("MCPGATE_API_KEY", "from-variable");
    CHECK(read("") == "from-variable");
  }
  const ScopedVariable variable("MCPGATE_API_KEY", "from-variable");
  CHECK(read(dir / "option") == "from-option");
  CHECK(std::getenv("MCPGATE_API_KEY") == nullptr);
}

TEST_CASE("nowhere to be found is no error") {
  const ScopedVariable variable("MCPGATE_API_KEY", nullptr);
  const ScopedVariable file_variable("MCPGATE_API_KEY_FILE", nullptr);
  const absl::StatusOr<std::optional<Secret>> secret = ReadSecret(ApiKeySource(""));
  REQUIRE(secret.ok());
  CHECK_FALSE(secret->has_value());
}

TEST_CASE("an empty variable counts as none") {
  const ScopedVariable variable("MCPGATE_API_KEY", "");
  const ScopedVariable file_variable("MCPGATE_API_KEY_FILE", nullptr);
  const absl::StatusOr<std::optional<Secret>> secret = ReadSecret(ApiKeySource(""));
  REQUIRE(secret.ok());
  CHECK_FALSE(secret->has_value());
}

TEST_CASE("a new secret file is 0600, in directories that are 0700, and can be read back") {
  const TempDir dir;
  const std::string path = dir / "a/b/key";
  absl::StatusOr<SecretFile> file = SecretFile::Create(path);
  REQUIRE(file.ok());
  REQUIRE(file->Write(Secret("token")).ok());
  CHECK(ModeOf(path) == 0600);
  CHECK(ModeOf(dir / "a/b") == 0700);
  const absl::StatusOr<Secret> secret = ReadSecretFile(path);
  REQUIRE(secret.ok());
  CHECK(RevealSecret(*secret) == "token");
}

TEST_CASE("a secret file that was never written leaves nothing behind") {
  const TempDir dir;
  { const absl::StatusOr<SecretFile> file = SecretFile::Create(dir / "key"); }
  CHECK_FALSE(std::filesystem::exists(dir / "key"));
}

TEST_CASE("a secret file never replaces a file or a dangling link") {
  const TempDir dir;
  WriteFile(dir / "key", "old");
  CHECK(absl::IsAlreadyExists(SecretFile::Create(dir / "key").status()));
  CHECK(testing::ReadFile(dir / "key") == "old");
  std::filesystem::create_symlink(dir / "nowhere", dir / "link");
  CHECK(absl::IsAlreadyExists(SecretFile::Create(dir / "link").status()));
}

TEST_CASE("a credential of systemd may be read by its group, and another file may not") {
  const testing::TempDir dir;
  const std::string path = dir / "credentials/bot.token";
  testing::WriteFile(path, "from systemd\n", 0440);
  CHECK_FALSE(ReadSecretFile(path).ok());
  const testing::ScopedVariable credentials("CREDENTIALS_DIRECTORY", (dir / "credentials").c_str());
  CHECK(ReadSecretFile(path).ok());
  testing::WriteFile(path, "from systemd\n", 0444);
  CHECK_FALSE(ReadSecretFile(path).ok());
}

}  // namespace
}  // namespace mcpgate::hosts
