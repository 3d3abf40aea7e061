// File: cli/doctor_settings.h
//
// What was configured: the environment, mcpgate-http's settings, and whether a server answers there.
#pragma once

#include <string>
#include <vector>

#include "cli/findings.h"

namespace mcpgate::hosts {

/// Variables that hold secrets which are none.
Finding CheckEnvironment();

/// Lets mcpgate-http read its own settings (`config` may be empty), and asks what listens at the place they
/// name.
std::vector<Finding> CheckHttp(const std::string& config, const std::string& directory);

}  // namespace mcpgate::hosts
