#include "sandbox/guild.h"

#include <algorithm>

namespace mcpgate::sandbox {

Channel* Guild::FindChannel(Snowflake channel) {
  const auto found = channels.find(channel);
  return found == channels.end() ? nullptr : &found->second;
}

const Channel* Guild::FindChannel(std::string_view channel_name) const {
  for (const auto& [unused, channel] : channels) {
    if (channel.name == channel_name) return &channel;
  }
  return nullptr;
}

const Member* Guild::FindMember(Snowflake user) const {
  for (const Member& member : members) {
    if (member.user.id == user) return &member;
  }
  return nullptr;
}

const Role* Guild::FindRole(Snowflake role) const {
  for (const Role& candidate : roles) {
    if (candidate.id == role) return &candidate;
  }
  return nullptr;
}

std::uint64_t Guild::BasePermissions() const {
  const Role* everyone = FindRole(id);
  std::uint64_t permissions = everyone == nullptr ? 0 : everyone->permissions;
  const Member* self = FindMember(bot);
  if (self == nullptr) return permissions;
  for (const Snowflake role : self->roles) {
    if (const Role* found = FindRole(role)) permissions |= found->permissions;
  }
  return permissions;
}

std::uint64_t Guild::PermissionsIn(const Channel& channel) const {
  std::uint64_t permissions = BasePermissions();
  std::uint64_t allow = 0;
  std::uint64_t deny = 0;
  const Member* self = FindMember(bot);
  for (const Overwrite& overwrite : channel.overwrites) {
    // The overwrite of @everyone comes first, those of the member's roles are taken together after it.
    if (overwrite.id == id) {
      permissions = (permissions & ~overwrite.deny) | overwrite.allow;
    } else if (self != nullptr && std::count(self->roles.begin(), self->roles.end(), overwrite.id) > 0) {
      allow |= overwrite.allow;
      deny |= overwrite.deny;
    }
  }
  permissions = (permissions & ~deny) | allow;
  return (permissions & kViewChannel) != 0 ? permissions : 0;
}

}  // namespace mcpgate::sandbox
