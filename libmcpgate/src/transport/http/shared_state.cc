#include "transport/http/shared_state.h"

namespace mcpgate::http {

std::optional<SharedState::Place> SharedState::TakePlace() {
  std::size_t open = open_.load();
  do {
    if (open >= options.max_connections) return std::nullopt;
  } while (!open_.compare_exchange_weak(open, open + 1));
  return std::optional<Place>(std::in_place, this);
}

void SharedState::Free() {
  if (open_.fetch_sub(1) == 1) {
    MutexLock lock(mutex_);
    changed_.notify_all();
  }
  on_free();
}

std::shared_ptr<SSL_CTX> SharedState::tls() const {
  MutexLock lock(mutex_);
  return tls_;
}

void SharedState::SetTls(std::shared_ptr<SSL_CTX> context) {
  MutexLock lock(mutex_);
  tls_.swap(context);  // the old one goes after the lock
}

void SharedState::LoopListens() {
  MutexLock lock(mutex_);
  ++listening_;
}

void SharedState::LoopIsDeaf() {
  MutexLock lock(mutex_);
  --listening_;
  changed_.notify_all();
}

bool SharedState::WaitForEnd(std::chrono::nanoseconds most) {
  CondLock lock(mutex_);
  return changed_.wait_for(lock, most, [&]() MCPGATE_REQUIRES(mutex_) { return IsOver(); });
}

void SharedState::WaitForEnd() {
  CondLock lock(mutex_);
  changed_.wait(lock, [&]() MCPGATE_REQUIRES(mutex_) { return IsOver(); });
}

}  // namespace mcpgate::http
