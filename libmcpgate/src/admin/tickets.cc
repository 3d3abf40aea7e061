#include "admin/tickets.h"

#include <utility>

#include "base/crypto.h"

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMost = 256;
constexpr std::size_t kBytes = 32;

}  // namespace

absl::StatusOr<std::string> Tickets::Issue(const Credentials& credentials) {
  std::string ticket = RandomText(kBytes);
  const Nanos now = clock_.Steady();
  MutexLock lock(mutex_);
  std::erase_if(entries_, [now](const auto& each) { return each.second.until <= now; });
  if (entries_.size() >= kMost) return absl::UnavailableError("too many tickets are out; try again later");
  entries_.emplace(ticket, Entry{.credentials = credentials, .until = now + kLife});
  return ticket;
}

std::optional<Credentials> Tickets::Look(std::string_view ticket) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end() || found->second.until <= clock_.Steady()) return std::nullopt;
  return found->second.credentials;
}

std::optional<Credentials> Tickets::Take(std::string_view ticket) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(ticket);
  if (found == entries_.end()) return std::nullopt;
  Entry entry = std::move(found->second);
  entries_.erase(found);
  if (entry.until <= clock_.Steady()) return std::nullopt;
  return std::move(entry.credentials);
}

}  // namespace mcpgate::admin
