// The routes the sandbox knows.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "sandbox/buckets.h"
#include "sandbox/guild.h"
#include "sandbox/posting.h"
#include "sandbox/reply.h"
#include "sandbox/target.h"

namespace mcpgate::sandbox {

/// One request on its way through a route.
struct Call {
  Guild& guild;
  Posting& posting;
  const Target& target;
  const Json* body = nullptr;  ///< a null value when the route takes none
  /// The ids in the path, in order.
  std::array<Snowflake, 2> ids{};
};

struct Route {
  std::string_view method;
  std::string_view path;  ///< "/channels/{channel_id}/messages"
  BucketKind bucket;
  bool takes_body;
  Reply (*run)(Call& call);
};

struct Match {
  const Route* route = nullptr;
  std::array<Snowflake, 2> ids{};
};

/// The route for `method` and the decoded `target` without its "api/v10", or the answer that there is none:
/// 404, 405, or 50035 for an id that is not one.
std::variant<Match, Reply> FindRoute(std::string_view method, const Target& target, std::size_t skip);

}  // namespace mcpgate::sandbox
