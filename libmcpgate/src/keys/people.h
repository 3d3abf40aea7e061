#pragma once

#include <memory>

#include "keys/key_book.h"
#include "mcpgate/people.h"

namespace mcpgate {

/// `book` outlives it.
std::unique_ptr<People> NewPeople(const KeyBook& book);

}  // namespace mcpgate
