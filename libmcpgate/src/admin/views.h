// File: admin/views.h
//
// Rows as clients see them, and what several chapters of the table share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "admin/endpoint.h"
#include "mcpgate/clock.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"
#include "mcpgate/people.h"

namespace mcpgate::admin {

/// "2026-07-28T12:00:00.000Z" of milliseconds since the Unix epoch; null of 0.
Json TimeJson(std::int64_t unix_millis);
/// RFC 3339. InvalidArgument names `field`.
absl::StatusOr<WallTime> ParseTime(std::string_view field, std::string_view text);

Json KeyJson(const KeyInfo& key);
/// The same, with when it was last used and how often.
Json KeyJson(const KeyInfo& key, const KeyUse& use);
Json TenantJson(const Tenant& tenant);
Json TeamJson(const Team& team);
Json HolderJson(const KeyHolder& holder);

/// A page: {"items": [...], "next": cursor or null}.
Json PageJson(Json items, std::string_view next);
/// The schema of a page of `item`, a component.
Json PageSchema(std::string_view item);

/// The query parameters of everything that comes in pages.
std::vector<QueryParameter> PageParameters(std::vector<QueryParameter> others = {});
/// A cursor stands for where a page ended; clients take it as it is.
std::string CursorOf(std::string_view place);
/// InvalidArgument: not one of ours.
absl::StatusOr<std::string> PlaceOf(std::string_view cursor);

/// The names of roles in requests: ours, and admin, write and read.
Json RoleSchema();
std::optional<Role> RoleOf(std::string_view name);
/// The tenant that a request speaks of: the one it names, else the caller's.
std::string TenantOf(const ApiRequest& request, std::string_view named);

Json TextSchema(std::size_t max_length, std::string_view description);
Json TextListSchema(std::size_t max_items, std::size_t max_length, std::string_view description);
/// A time, or null.
Json TimeSchema();

}  // namespace mcpgate::admin
