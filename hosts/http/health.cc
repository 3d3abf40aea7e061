#include "http/health.h"

#include <algorithm>

namespace mcpgate::hosts {

bool HealthReport::ready() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const HealthCheck& check) { return check.ok || !check.decides; });
}

Json HealthReport::ToJson() const {
  Json named = Json::object();
  for (const HealthCheck& check : checks) {
    named[check.name] = {{"ok", check.ok}};
    if (!check.note.empty()) named[check.name]["note"] = check.note;
  }
  return {{"ready", ready()}, {"checks", std::move(named)}};
}

HealthMonitor::HealthMonitor(Checks checks, Nanos period) : checks_(std::move(checks)) {
  Refresh();
  thread_ = std::thread([this, period] { Run(period); });
}

HealthMonitor::~HealthMonitor() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void HealthMonitor::Run(Nanos period) {
  for (;;) {
    {
      CondLock lock(mutex_);
      if (wake_.wait_for(lock, period, [this]() MCPGATE_REQUIRES(mutex_) { return ending_; })) return;
    }
    Refresh();
  }
}

void HealthMonitor::Refresh() {
  std::vector<HealthCheck> fresh = checks_();
  MutexLock lock(mutex_);
  latest_ = std::move(fresh);
}

HealthReport HealthMonitor::Report() const {
  HealthReport report;
  {
    MutexLock lock(mutex_);
    report.checks = latest_;
  }
  const Phase phase = phase_;
  std::string note = phase == Phase::kStarting ? "starting" : phase == Phase::kDraining ? "draining" : "";
  report.checks.push_back({.name = "serving", .ok = phase == Phase::kServing, .note = std::move(note)});
  return report;
}

}  // namespace mcpgate::hosts
