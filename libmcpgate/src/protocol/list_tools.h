// File: protocol/list_tools.h
#pragma once

#include <string>
#include <variant>

#include "protocol/message.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"

namespace mcpgate {

/// The answer to tools/list: the page of tools that `principal` may call, in the registry's order.
std::variant<std::string, Rejection> ListTools(const Surroundings& around, const Request& request,
                                               const Principal& principal);

}  // namespace mcpgate
