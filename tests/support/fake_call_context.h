// A call as a handler sees it, without a server around it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "mcpgate/tool.h"

namespace mcpgate::testing {

/// Safe for concurrent use, apart from the setters.
class FakeCallContext : public CallContext {
 public:
  struct Report {
    double progress = 0;
    std::optional<double> total;
    std::string message;
  };

  /// `resources` are patterns, as in Grants.
  explicit FakeCallContext(std::vector<std::string> resources = {"*"}, std::string call_id = "call-1")
      : call_id_(std::move(call_id)) {
    principal_.key_id = "k1";
    principal_.family = "family-1";
    principal_.tenant = "default";
    principal_.grants.resources = std::move(resources);
  }

  const Principal& principal() const override { return principal_; }
  const std::string& call_id() const override { return call_id_; }
  std::stop_token stop_token() const override { return stop_.get_token(); }
  Nanos deadline() const override { return deadline_; }

  void Progress(double progress, std::optional<double> total, std::string_view message) override {
    MutexLock lock(mutex_);
    reports_.push_back({progress, total, std::string(message)});
    if (on_progress_) on_progress_();
  }
  bool Permits(std::string_view resource) const override {
    for (const std::string& pattern : principal_.grants.resources) {
      const bool open = pattern.ends_with('*');
      const std::string_view stem = std::string_view(pattern).substr(0, pattern.size() - (open ? 1 : 0));
      if (open ? resource.starts_with(stem) : resource == stem) return true;
    }
    return false;
  }
  absl::Status Authorize(std::string_view resource) override {
    MutexLock lock(mutex_);
    asked_.emplace_back(resource);
    if (Permits(resource)) return absl::OkStatus();
    return absl::PermissionDeniedError("this key may not touch " + std::string(resource));
  }
  absl::StatusOr<Json> LimitStandings(std::string_view limit_class) const override {
    return Json::array({{{"limit", std::string(limit_class)}, {"remaining", 5}}});
  }

  void Stop() { stop_.request_stop(); }
  void set_deadline(Nanos deadline) { deadline_ = deadline; }
  void set_family(std::string family) { principal_.family = std::move(family); }
  /// Runs inside each Progress.
  void set_on_progress(std::function<void()> what) { on_progress_ = std::move(what); }
  std::vector<Report> reports() const {
    MutexLock lock(mutex_);
    return reports_;
  }
  /// What Authorize was asked, in order.
  std::vector<std::string> asked() const {
    MutexLock lock(mutex_);
    return asked_;
  }

 private:
  Principal principal_;
  const std::string call_id_;
  std::stop_source stop_;
  Nanos deadline_ = Nanos::max();
  std::function<void()> on_progress_;
  mutable Mutex mutex_;
  std::vector<Report> reports_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<std::string> asked_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::testing
