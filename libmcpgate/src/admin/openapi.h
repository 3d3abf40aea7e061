// File: admin/openapi.h
//
// The OpenAPI 3.1 document of a table of endpoints.
#pragma once

#include "admin/endpoint.h"
#include "mcpgate/json.h"

namespace mcpgate::admin {

Json OpenApiDocument(const Api& api);

}  // namespace mcpgate::admin
