// File: protocol/access.h
//
// What belongs to whom, decided in one place.
#pragma once

#include <string>

#include "mcpgate/gate.h"
#include "mcpgate/principal.h"
#include "tool/catalog.h"

namespace mcpgate {

/// Whose a session, a listen or a task is: the tenant and the key family. A family has no '/'.
std::string OwnerOf(const Principal& principal);

/// Whether the key is no longer accepted. Not while keys cannot be checked.
bool IsRefused(Gate& gate, const Credentials& credentials);

/// Whether there is a resource at `uri` that the principal may read. An address of its own decides, whatever
/// template fits it too.
bool MayRead(const Gate& gate, const Catalog& catalog, const Principal& principal, const std::string& uri);

}  // namespace mcpgate
