// File: form_fields.h
//
// Forms as the suite wants to be asked: what may stand in a question's schema beside plain fields.
#pragma once

#include "mcpgate/json.h"

namespace mcpgate::conformance {

/// One field of every type with its default (SEP-1034).
Json FieldsWithDefaults();
/// One field of every kind of choice: one or several, with and without titles, and the old way to give titles
/// (SEP-1330).
Json FieldsWithChoices();

}  // namespace mcpgate::conformance
