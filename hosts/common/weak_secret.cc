#include "common/weak_secret.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kPrefix = "MCPGATE_";
constexpr std::array<std::string_view, 6> kEndings = {"_KEY",    "_KEYS",     "_TOKEN",
                                                      "_SECRET", "_PASSWORD", "_PASSPHRASE"};

// Letters and digits alone: "Change-Me!" is "changeme".
constexpr std::array<std::string_view, 44> kWords = {
    "0123456789", "123",      "1234",        "12345",       "123456",      "12345678",    "123456789",
    "1234567890", "abc123",   "abcdef",      "admin",       "admin123",    "apikey",      "bottoken",
    "changeit",   "changeme", "changeme123", "changethis",  "default",     "demo",        "discordtoken",
    "dummy",      "example",  "foobar",      "guest",       "letmein",     "null",        "pass",
    "passphrase", "password", "password1",   "password123", "passw0rd",    "placeholder", "qwerty",
    "root",       "secret",   "secretkey",   "sk1234",      "supersecret", "test",        "todo",
    "token",      "undefined"};

// How what is meant to be replaced begins.
constexpr std::array<std::string_view, 8> kBeginnings = {"<",     "${",     "{{",      "your",
                                                         "enter", "insert", "replace", "putyour"};

std::string Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\"'");
  if (first == text.npos) return "";
  const std::size_t last = text.find_last_not_of(" \t\r\n\"'");
  std::string trimmed(text.substr(first, last - first + 1));
  for (char& c : trimmed) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return trimmed;
}

std::string LettersAndDigits(std::string_view text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
  return kept;
}

bool IsSecretName(std::string_view name) {
  return name.starts_with(kPrefix) &&
         std::any_of(kEndings.begin(), kEndings.end(),
                     [name](std::string_view end) { return name.ends_with(end); });
}

bool HoldsWeak(std::string_view list) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (IsKnownWeak(list.substr(0, comma))) return true;
    if (comma == list.npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool IsKnownWeak(std::string_view text) {
  const std::string plain = Trimmed(text);
  if (plain.empty()) return false;
  const std::string letters = LettersAndDigits(plain);
  // "...", "xxxxxxxx", "****"
  if (plain.find_first_not_of(plain.front()) == plain.npos) return true;
  // The example of a key in the documentation of this program: mcpg_k_...
  if (letters.empty() || plain.ends_with("...")) return true;
  if (std::find(kWords.begin(), kWords.end(), letters) != kWords.end()) return true;
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view beginning) {
    return plain.starts_with(beginning) || letters.starts_with(beginning);
  });
}

absl::Status CheckNotWeak(std::string_view what, std::string_view where, std::string_view secret) {
  if (!IsKnownWeak(secret)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the {} in {} is a placeholder or a word that is tried first, and so no secret; put the real one there",
      what, where));
}

std::vector<std::string> WeakVariables() {
  std::vector<std::string> weak;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (equals == text.npos || !IsSecretName(text.substr(0, equals))) continue;
    if (HoldsWeak(text.substr(equals + 1))) weak.emplace_back(text.substr(0, equals));
  }
  std::sort(weak.begin(), weak.end());
  return weak;
}

absl::Status CheckVariables() {
  const std::vector<std::string> weak = WeakVariables();
  if (weak.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} holds a placeholder or a word that is tried first, and so no secret; put the real one there, or "
      "remove the variable",
      weak.front()));
}

}  // namespace mcpgate::hosts
