// File: protocol/surroundings.h
//
// What every method of the protocol may use. All of it outlives the calls.
#pragma once

#include <cstddef>
#include <memory>

#include "mcpgate/clock.h"
#include "mcpgate/gate.h"
#include "mcpgate/registry.h"
#include "mcpgate/secret.h"
#include "protocol/identity.h"
#include "protocol/input_state.h"

namespace mcpgate {

struct Surroundings {
  Gate& gate;
  std::shared_ptr<const Registry> registry;
  Identity identity;
  std::size_t page_size;
  Nanos call_deadline;
  Secret cursor_key;
  InputSealer& inputs;
  const Clock& clock;
};

}  // namespace mcpgate
