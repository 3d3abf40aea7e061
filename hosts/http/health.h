// File: http/health.h
//
// Whether this process can serve, told by named checks.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

struct HealthCheck {
  std::string name;
  bool ok = true;
  std::string note;     ///< for the operator; no secrets
  bool decides = true;  ///< false: told, and not held against readiness
};

struct HealthReport {
  std::vector<HealthCheck> checks;
  bool ready() const;
  /// {"ready": true, "checks": {"key_store": {"ok": true}, ...}}
  Json ToJson() const;
};

/// HealthMonitor
///
/// Runs the checks on a thread of its own, as they may read a disk, and remembers what they said. Safe for
/// concurrent use.
class HealthMonitor {
 public:
  using Checks = std::function<std::vector<HealthCheck>()>;

  /// Runs `checks` once before it returns, then every `period`.
  explicit HealthMonitor(Checks checks, Nanos period = std::chrono::seconds(2));
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

  /// Not ready until then, whatever the checks say.
  void SetServing() { phase_ = Phase::kServing; }
  /// Not ready from now on.
  void SetDraining() { phase_ = Phase::kDraining; }
  HealthReport Report() const;

 private:
  enum class Phase { kStarting, kServing, kDraining };
  void Run(Nanos period);
  void Refresh();

  const Checks checks_;
  std::atomic<Phase> phase_{Phase::kStarting};
  CondVar wake_;
  mutable Mutex mutex_;
  std::vector<HealthCheck> latest_ MCPGATE_GUARDED_BY(mutex_);
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mcpgate::hosts
