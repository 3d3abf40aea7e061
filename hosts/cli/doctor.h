// File: cli/doctor.h
//
// mcpgate doctor: is this data directory, and what was configured around it, fit to serve?
#pragma once

#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct DoctorOptions {
  std::string data;
  std::string config;   ///< the configuration file of mcpgate-http; empty: $MCPGATE_HTTP_CONFIG, or none
  bool quick = false;   ///< leaves out what reads every record
  bool strict = false;  ///< a warning counts like a failure
};
/// 0: no check failed; 1: one did. Changes nothing but what opening the store repairs by itself.
int RunDoctor(const Console& console, const DoctorOptions& options);

}  // namespace mcpgate::hosts
