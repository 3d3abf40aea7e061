// File: common/data_directory.h
//
// Where the state of this machine's mcpgate programs lives.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

/// DataDirectory()
///
/// The first of: `option` (--data), $MCPGATE_DATA, $XDG_DATA_HOME/mcpgate, ~/.local/share/mcpgate; always
/// absolute. A relative $XDG_DATA_HOME is ignored, as its specification asks. FailedPrecondition when none of
/// them says anything.
absl::StatusOr<std::string> DataDirectory(std::string_view option);

/// The same rule for $XDG_CONFIG_HOME and ~/.config. Empty when the environment says nothing.
std::string ConfigHome();

/// The value of a variable; empty when it is unset.
std::string Environment(const char* name);

/// The home of the user: $HOME, else what the user database says; empty when neither knows.
std::string HomeDirectory();

}  // namespace mcpgate::hosts
