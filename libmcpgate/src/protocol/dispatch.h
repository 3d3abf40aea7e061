// File: protocol/dispatch.h
//
// From a request to its answer: one row a method.
#pragma once

#include "mcpgate/answer.h"
#include "protocol/request.h"
#include "protocol/session_side.h"
#include "protocol/surroundings.h"
#include "tool/catalog.h"

namespace mcpgate {

/// The method is not one of the revision, or belongs to a capability that is not offered; nullopt otherwise.
/// Calls (IsCall) and subscriptions/listen included.
std::optional<Rejection> CheckMethod(const Catalog& catalog, const Request& request);

/// Answers every method that is neither a call nor subscriptions/listen nor of tasks. `session` is null for a
/// request of the 2026 era.
ServerAnswer Dispatch(const Surroundings& around, const Catalog& catalog, Request request,
                      const Credentials& credentials, SessionSide* session);

/// An error as an answer to this request.
ServerAnswer AnswerOf(Rejection rejection, const Request& request);

}  // namespace mcpgate
