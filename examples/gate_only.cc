// The gate in front of something that is not MCP: who may restart the press, how often, and who did.
#include <cstdio>
#include <memory>

#include "mcpgate/gate.h"
#include "mcpgate/key_admin.h"

int main() {
  std::shared_ptr<mcpgate::Keyring> keyring =
      *mcpgate::Keyring::New({.store = mcpgate::NewMemoryKeyStore(), .root_key = mcpgate::RandomSecret()});
  std::shared_ptr<mcpgate::MemoryAuditSink> audit = mcpgate::NewMemoryAuditSink();
  const mcpgate::LimitPolicy twice{.name = "restarts", .limit = 2, .window = std::chrono::hours(1)};
  auto gate = mcpgate::Gate::New(
      {.keyring = keyring, .audit = audit, .limiter = mcpgate::NewLocalRateLimiter(), .limits = {twice}});
  auto issued = keyring->admin().Issue(mcpgate::TenantScope::Operator(),
                                       {.name = "operator", .grants = {.role = mcpgate::Role::kManager}});
  const mcpgate::Credentials credentials{.api_key = issued->token, .source = "example"};

  for (int attempt = 1; attempt <= 3; ++attempt) {
    auto admission = (*gate)->Admit(credentials, {.name = "restart_press", .role = mcpgate::Role::kManager});
    if (admission.ok()) {
      std::printf("attempt %d: the press restarts\n", attempt);
      admission->Finish();
    } else {
      std::printf("attempt %d: %s\n", attempt, std::string(admission.status().message()).c_str());
    }
  }
  for (const mcpgate::AuditRecord& record : audit->Records()) {
    std::string line;
    mcpgate::AppendAuditJson(line, record);
    std::puts(line.c_str());
  }
  return 0;
}
