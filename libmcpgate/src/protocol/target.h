// File: protocol/target.h
//
// What a call is applied to: a tool, a prompt or a resource, with its arguments.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/call_context.h"
#include "mcpgate/gate.h"
#include "protocol/message.h"
#include "protocol/request.h"
#include "tool/catalog.h"

namespace mcpgate {

/// A handler's result, as the wire and the trail say it.
struct Finished {
  std::string members;  ///< of the result object: JSON text without braces
  Outcome outcome;
};

/// Target
///
/// Found on the thread that reads, run on any; not thread-safe. Keeps its entry alive when the registry
/// changes.
class Target {
 public:
  virtual ~Target() = default;

  virtual const CatalogEntry& entry() const = 0;
  virtual RunOn run_on() const = 0;
  /// Whether it changes anything outside.
  virtual bool has_effect() const { return false; }
  virtual std::string_view limit_class() const { return {}; }
  /// Canonical text, of which the trail keeps a digest.
  virtual std::string arguments_text() const = 0;
  virtual std::vector<std::pair<std::string, std::string>> audit_fields() const { return {}; }

  /// Checks the arguments and runs the handler, whose exceptions come through.
  virtual absl::StatusOr<Finished> Run(CallContext& context, Revision revision) = 0;
  /// What the client hears when Run ended with a status that is neither a refusal nor internal: an error, or
  /// the members of a result that says what went wrong.
  virtual std::variant<std::string, Rejection> Failure(const absl::Status& status,
                                                       Revision revision) const = 0;
};

/// Whether the method is a call: admitted by the gate and answered by a handler.
bool IsCall(std::string_view method);
/// The target of such a method.
std::variant<std::unique_ptr<Target>, Rejection> FindTarget(const Catalog& catalog, Request& request);

std::variant<std::unique_ptr<Target>, Rejection> FindTool(const Catalog& catalog, Request& request);
std::variant<std::unique_ptr<Target>, Rejection> FindPrompt(const Catalog& catalog, Request& request);
std::variant<std::unique_ptr<Target>, Rejection> FindResource(const Catalog& catalog, Request& request);
std::variant<std::unique_ptr<Target>, Rejection> FindCompletion(const Catalog& catalog, Request& request);

/// "Resource not found", in the words of the revision.
Rejection NoSuchResource(const std::string& uri, Revision revision);

}  // namespace mcpgate
