// File: server/listen.h
#pragma once

#include <variant>

#include "protocol/request.h"
#include "protocol/surroundings.h"
#include "server/hub.h"
#include "server/tasks.h"
#include "tool/catalog.h"

namespace mcpgate {

/// What a subscriptions/listen asks for, less what is not offered or not granted: the honoured subset.
std::variant<ListenFilter, Rejection> ReadListenFilter(const Surroundings& around, const Catalog& catalog,
                                                       TaskTable& tasks, const Request& request,
                                                       const Principal& principal, std::size_t max_uris);

}  // namespace mcpgate
