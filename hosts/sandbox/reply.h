// What a route answers, and Discord's ways to say no.
#pragma once

#include <string>
#include <string_view>

#include "mcpgate/json.h"

namespace mcpgate::sandbox {

struct Reply {
  int status = 200;
  Json body;  ///< ignored for 204
};

/// {"message": ..., "code": ...}. Code 0 is for answers that Discord gives by status alone.
Reply Problem(int status, int code, std::string_view message);

inline Reply UnknownChannel() { return Problem(404, 10003, "Unknown Channel"); }
inline Reply UnknownGuild() { return Problem(404, 10004, "Unknown Guild"); }
inline Reply UnknownMessage() { return Problem(404, 10008, "Unknown Message"); }
inline Reply MissingAccess() { return Problem(403, 50001, "Missing Access"); }
inline Reply MissingPermissions() { return Problem(403, 50013, "Missing Permissions"); }

/// FormErrors
///
/// Collects what is wrong with a form as the tree of a 50035 answer. Not thread-safe.
class FormErrors {
 public:
  /// `path` is separated by '/', array indices included: "embeds/0/title". Empty: the form itself.
  void Add(std::string_view path, std::string_view code, std::string_view message);
  void AddMaxLength(std::string_view path, int limit);
  bool empty() const { return tree_.empty(); }
  Reply ToReply() const;

 private:
  Json tree_ = Json::object();
};

}  // namespace mcpgate::sandbox
