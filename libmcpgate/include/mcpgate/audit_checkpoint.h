// File: audit_checkpoint.h
//
// Where signed checkpoints of a trail go. One that lies outside the reach of whoever can write the data
// directory shows that the trail was cut, or written anew as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// Takes a signed note (c2sp.org/tlog-checkpoint) of a trail with `size` records. Called on one thread at a
/// time; what is refused is offered anew with the next checkpoint.
using CheckpointSink = std::function<absl::Status(const std::string& note, std::uint64_t size)>;

/// Replaces the file: a reader finds the old checkpoint or the new one, also after a power cut.
MCPGATE_EXPORT CheckpointSink CheckpointToFile(std::string path);
/// A file of its own for each, "checkpoint-<20 digits of size>", in a directory that exists. The oldest are
/// removed beyond `keep`, where that is allowed.
MCPGATE_EXPORT CheckpointSink CheckpointToDirectory(std::string path, std::size_t keep = 1000);
/// Runs the program with the note on its standard input. No shell: `argv` are its words, the first is an
/// absolute path. It is killed at the deadline; an exit code other than 0 is a failure.
MCPGATE_EXPORT CheckpointSink CheckpointToCommand(std::vector<std::string> argv,
                                                  Nanos deadline = std::chrono::seconds(10));

}  // namespace mcpgate
