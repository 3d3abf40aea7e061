#include "common/policy_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "common/file_write.h"
#include "common/json_comments.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20;
constexpr std::size_t kMaxPattern = 200;

int LineAt(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + std::min(at, text.size()), '\n'));
}

// Where the member that `path` leads to stands; the names of a path are written one inside the other.
std::size_t PlaceOf(std::string_view text, const std::vector<std::string>& path) {
  std::size_t place = 0;
  std::size_t at = 0, found = 0, depth = 0;
  while (at < text.size() && found < path.size()) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t after = SkipJsonString(text, at);
      if (depth == found + 1 && text.substr(at, after - at) == DumpJson(Json(path[found]))) {
        place = at;
        ++found;
      }
      at = after;
      continue;
    }
    if (c == '{') ++depth;
    if (c == '}') --depth;
    ++at;
  }
  return place;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::StatusOr<PolicyOptions> Read(const Json& json) {
    PolicyOptions options;
    if (!json.is_object()) return Wrong({}, "a policy is one JSON object: {\"roles\": {...}}");
    for (const auto& [name, value] : json.items()) {
      if (name != "roles") return Wrong({name}, "there is no such member; a policy has \"roles\"");
      if (!value.is_object()) return Wrong({name}, "must be an object of roles");
      for (const auto& [role_name, rules] : value.items()) {
        const std::optional<Role> role = ParseRole(role_name);
        if (!role)
          return Wrong({name, role_name},
                       "is no role: reader, writer, manager, moderator, admin (read and write "
                       "mean the first two)");
        if (options.roles.contains(*role))
          return Wrong({name, role_name}, "says the rules of this role again");
        if (absl::Status status = ReadRules({name, role_name}, rules, options.roles[*role]); !status.ok())
          return status;
      }
    }
    return options;
  }

 private:
  using Path = std::vector<std::string>;

  absl::Status ReadRules(const Path& path, const Json& json, RoleRules& rules) const {
    if (!json.is_object()) return Wrong(path, "must be an object with \"allow\" and \"deny\"");
    for (const auto& [name, value] : json.items()) {
      Path member = path;
      member.push_back(name);
      if (name != "allow" && name != "deny")
        return Wrong(member, "there is no such member; there are allow and deny");
      if (absl::Status status = ReadPatterns(member, value, name == "allow" ? rules.allow : rules.deny);
          !status.ok())
        return status;
    }
    return absl::OkStatus();
  }

  absl::Status ReadPatterns(const Path& path, const Json& json, std::vector<std::string>& patterns) const {
    if (!json.is_array()) return Wrong(path, "must be a list of patterns");
    for (const Json& item : json) {
      const std::string* pattern = item.get_ptr<const std::string*>();
      if (pattern == nullptr || pattern->empty() || pattern->size() > kMaxPattern)
        return Wrong(path,
                     fmt::format("[{}] must be a text of 1 to {} characters", patterns.size(), kMaxPattern));
      patterns.push_back(*pattern);
    }
    return absl::OkStatus();
  }

  absl::Status Wrong(const Path& path, std::string_view what) const {
    std::string where;
    for (const std::string& name : path) where += (where.empty() ? "" : ".") + name;
    return absl::InvalidArgumentError(fmt::format("line {}: {}{}{}", LineAt(text_, PlaceOf(text_, path)),
                                                  where, where.empty() ? "" : ": ", what));
  }

  const std::string_view text_;
};

// ParseJson says "at byte 17: ...", a person looks for the line.
absl::Status Malformed(std::string_view text, std::string_view problem) {
  constexpr std::string_view kMark = "at byte ";
  std::size_t byte = 1;
  if (const std::size_t mark = problem.find(kMark); mark != problem.npos) {
    const std::string_view number = problem.substr(mark + kMark.size());
    std::from_chars(number.data(), number.data() + number.size(), byte);
  }
  return absl::InvalidArgumentError(
      fmt::format("line {}: not acceptable JSON: {}", LineAt(text, byte == 0 ? 0 : byte - 1), problem));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> ParsePolicy(std::string_view text) {
  const std::string plain = BlankComments(text);
  const absl::StatusOr<Json> json = ParseJson(plain, {.max_depth = 6});
  if (!json.ok()) return Malformed(plain, std::string(json.status().message()));
  absl::StatusOr<PolicyOptions> options = Reader(plain).Read(*json);
  if (!options.ok()) return options.status();
  return Policy::New(*std::move(options));
}

absl::StatusOr<std::shared_ptr<const Policy>> ReadPolicyFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kMaxBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::shared_ptr<const Policy>> policy = ParsePolicy(*text);
  if (policy.ok()) return policy;
  std::string_view problem(policy.status().message().data(), policy.status().message().size());
  constexpr std::string_view kLine = "line ";
  if (problem.starts_with(kLine)) problem.remove_prefix(kLine.size());
  return absl::InvalidArgumentError(fmt::format("{}:{}", path, problem));
}

}  // namespace mcpgate::hosts
