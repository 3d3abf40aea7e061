// File: protocol/list.h
//
// tools/list, prompts/list, resources/list, resources/templates/list: one page of what a principal may use.
#pragma once

#include <string>
#include <variant>

#include "mcpgate/registry.h"
#include "protocol/message.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"
#include "tool/catalog.h"

namespace mcpgate {

/// The result, in the registry's order, filtered by the evaluator that decides calls.
std::variant<std::string, Rejection> ListPage(const Surroundings& around, const Catalog& catalog, Listed list,
                                              const Request& request, const Principal& principal);

}  // namespace mcpgate
