#include "keys/key_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "keys/network.h"
#include "mcpgate/json.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxName = 100;
constexpr std::size_t kMaxTenant = 64;
constexpr std::size_t kMaxPattern = 200;
constexpr std::size_t kMaxPatterns = 64;
constexpr std::size_t kMaxMetadata = 8 * 1024;
constexpr Nanos kMaxLifetime = std::chrono::days(36'600);

absl::Status Wrong(std::string_view field, std::string_view must) {
  return absl::InvalidArgumentError(fmt::format("{} {}", field, must));
}

// A name is printed on terminals, where a control character would be a command.
bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Characters, not bytes: every byte but the continuations of UTF-8.
std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

absl::Status CheckPatterns(std::string_view field, const std::vector<std::string>& patterns) {
  if (patterns.size() > kMaxPatterns) {
    return Wrong(field, fmt::format("must have at most {} patterns, not {}", kMaxPatterns, patterns.size()));
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string& pattern = patterns[i];
    if (pattern.empty() || pattern.size() > kMaxPattern || HasControl(pattern)) {
      return Wrong(fmt::format("{}[{}]", field, i),
                   fmt::format("must be 1 to {} characters without control characters", kMaxPattern));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsKeyName(std::string_view name) {
  return name.size() <= 4 * kMaxName && !HasControl(name) && CountCharacters(name) >= 1 &&
         CountCharacters(name) <= kMaxName;
}

bool IsTenantId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxTenant && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::Status CheckGrants(const Grants& grants) {
  if (grants.role < Role::kReader || grants.role > Role::kAdmin) {
    return Wrong("grants.role", "must be reader, writer, manager, moderator or admin");
  }
  if (absl::Status status = CheckPatterns("grants.allow_tools", grants.allow_tools); !status.ok())
    return status;
  if (absl::Status status = CheckPatterns("grants.deny_tools", grants.deny_tools); !status.ok())
    return status;
  return CheckPatterns("grants.resources", grants.resources);
}

absl::Status CheckKeyName(std::string_view name) {
  if (IsKeyName(name)) return absl::OkStatus();
  return Wrong("name", fmt::format("must be 1 to {} characters without control characters", kMaxName));
}

absl::Status CheckLifetime(Nanos lifetime) {
  if (lifetime >= std::chrono::seconds(1) && lifetime <= kMaxLifetime) return absl::OkStatus();
  return Wrong("lifetime", "must be one second to a hundred years; leave it out for a key without expiry");
}

absl::StatusOr<std::vector<std::string>> CanonicalNetworks(const std::vector<std::string>& networks) {
  if (networks.size() > kMaxPatterns)
    return Wrong("networks", fmt::format("must be at most {}", kMaxPatterns));
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::optional<Network> network = ParseNetwork(networks[i]);
    if (!network) {
      return Wrong(fmt::format("networks[{}]", i),
                   "must be an address, or a network like 203.0.113.0/24 without bits beyond its prefix");
    }
    texts.push_back(NetworkText(*network));
  }
  return texts;
}

absl::StatusOr<std::string> CanonicalMetadata(std::string_view metadata) {
  if (metadata.empty()) return std::string();
  const absl::StatusOr<Json> object =
      metadata.size() <= kMaxMetadata ? ParseJson(metadata) : absl::StatusOr<Json>(Json());
  if (object.ok() && object->is_object()) return DumpJson(*object);
  return Wrong("metadata", fmt::format("must be a JSON object of at most {} bytes", kMaxMetadata));
}

absl::Status ValidateKeyRequest(const KeyRequest& request) {
  if (absl::Status status = CheckKeyName(request.name); !status.ok()) return status;
  if (!IsTenantId(request.tenant)) {
    return Wrong("tenant", fmt::format("must be 1 to {} of a-z, 0-9 and '-'", kMaxTenant));
  }
  if (request.lifetime) {
    if (absl::Status status = CheckLifetime(*request.lifetime); !status.ok()) return status;
  }
  return CheckGrants(request.grants);
}

}  // namespace mcpgate
