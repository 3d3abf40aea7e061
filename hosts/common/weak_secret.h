// File: common/weak_secret.h
//
// Secrets that are none: the placeholders of examples, and what everybody tries first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace mcpgate::hosts {

/// Whether `text` is a placeholder ("changeme", "<your token>", "${TOKEN}"), a word that is tried first
/// ("password"), or one character again and again. Upper and lower case count the same.
bool IsKnownWeak(std::string_view text);

/// FailedPrecondition when `secret` is one; says `where` it stands and what to do, never the text.
absl::Status CheckNotWeak(std::string_view what, std::string_view where, std::string_view secret);

/// The variables of the environment that are named like secrets of mcpgate (MCPGATE_..._KEY, _KEYS, _TOKEN,
/// _SECRET, _PASSWORD, _PASSPHRASE) and hold one; a list is looked at item by item. In order of name.
std::vector<std::string> WeakVariables();

/// FailedPrecondition names the first of them: a host does not start with one.
absl::Status CheckVariables();

}  // namespace mcpgate::hosts
