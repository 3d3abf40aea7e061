// File: cli/people.h
//
// mcpgate tenants | teams | principals create | list | show | update | disable | enable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "mcpgate/people.h"

namespace mcpgate::hosts {

/// One of them as the options name and describe it.
struct PersonOptions {
  std::string data;
  std::string tenant = "default", id;
  KeyHolderChange change;  ///< what was given; of tenants and teams only what they have
};
struct ListPeopleOptions {
  std::string data;
  std::string tenant, team;  ///< empty: all
};

int CreateTenant(const Console& console, const PersonOptions& options);
int ListTenants(const Console& console, const ListPeopleOptions& options);
int ShowTenant(const Console& console, const PersonOptions& options);
int UpdateTenant(const Console& console, const PersonOptions& options);

int CreateTeam(const Console& console, const PersonOptions& options);
int ListTeams(const Console& console, const ListPeopleOptions& options);
int ShowTeam(const Console& console, const PersonOptions& options);
int UpdateTeam(const Console& console, const PersonOptions& options);

int CreateHolder(const Console& console, const PersonOptions& options);
int ListHolders(const Console& console, const ListPeopleOptions& options);
int ShowHolder(const Console& console, const PersonOptions& options);
int UpdateHolder(const Console& console, const PersonOptions& options);

}  // namespace mcpgate::hosts
