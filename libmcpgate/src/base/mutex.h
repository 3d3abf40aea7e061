// File: base/mutex.h
//
// std::mutex, with what clang's thread-safety analysis (preset `clang`) must be told: which members a lock
// guards and which functions want it held. At run time, and for any other compiler, nothing else is there.
// Not absl::Mutex: Debian's build of it misleads ThreadSanitizer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#if defined(__clang__)
#define MCPGATE_THREAD_ATTRIBUTE(attribute) __attribute__((attribute))
#else
#define MCPGATE_THREAD_ATTRIBUTE(attribute)
#endif

/// Of a member: touched only with that mutex locked.
#define MCPGATE_GUARDED_BY(mutex) MCPGATE_THREAD_ATTRIBUTE(guarded_by(mutex))
/// Of a pointer: what it points to is.
#define MCPGATE_PT_GUARDED_BY(mutex) MCPGATE_THREAD_ATTRIBUTE(pt_guarded_by(mutex))
/// Of a function or, after its parentheses, a lambda: called only with those mutexes locked. A lambda is
/// looked at by itself, so one that runs under its maker's lock says so too.
#define MCPGATE_REQUIRES(...) MCPGATE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
/// Of a function that sees to it that the mutex is locked, in a way the analysis cannot follow.
#define MCPGATE_ASSERTS(...) MCPGATE_THREAD_ATTRIBUTE(assert_capability(__VA_ARGS__))
/// Of a function whose locks the analysis cannot follow; a comment says why.
#define MCPGATE_NO_THREAD_ANALYSIS MCPGATE_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace mcpgate {

/// Mutex
///
/// As std::mutex.
class MCPGATE_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() MCPGATE_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() MCPGATE_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  bool try_lock() MCPGATE_THREAD_ATTRIBUTE(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  friend class CondLock;
  std::mutex mutex_;
};

/// MutexLock
///
/// Locks for as long as it lives.
class MCPGATE_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MCPGATE_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  /// Takes over a mutex that is locked.
  MutexLock(Mutex& mutex, std::adopt_lock_t) MCPGATE_REQUIRES(mutex) : mutex_(mutex) {}
  ~MutexLock() MCPGATE_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// CondLock
///
/// What a condition variable waits with; may be let go of and taken again. Good for
/// std::condition_variable_any, too.
class MCPGATE_THREAD_ATTRIBUTE(scoped_lockable) CondLock {
 public:
  explicit CondLock(Mutex& mutex) MCPGATE_THREAD_ATTRIBUTE(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~CondLock() MCPGATE_THREAD_ATTRIBUTE(release_capability()) {}
  CondLock(const CondLock&) = delete;
  CondLock& operator=(const CondLock&) = delete;

  void lock() MCPGATE_THREAD_ATTRIBUTE(acquire_capability()) { lock_.lock(); }
  void unlock() MCPGATE_THREAD_ATTRIBUTE(release_capability()) { lock_.unlock(); }

 private:
  friend class CondVar;
  std::unique_lock<std::mutex> lock_;
};

/// CondVar
///
/// As std::condition_variable. Conditions are called with the lock held: MCPGATE_REQUIRES.
class CondVar {
 public:
  void notify_one() noexcept { signal_.notify_one(); }
  void notify_all() noexcept { signal_.notify_all(); }

  void wait(CondLock& lock) { signal_.wait(lock.lock_); }
  template <typename Condition>
  void wait(CondLock& lock, Condition condition) {
    signal_.wait(lock.lock_, std::move(condition));
  }
  template <typename Rep, typename Period>
  void wait_for(CondLock& lock, const std::chrono::duration<Rep, Period>& most) {
    signal_.wait_for(lock.lock_, most);
  }
  template <typename Rep, typename Period, typename Condition>
  bool wait_for(CondLock& lock, const std::chrono::duration<Rep, Period>& most, Condition condition) {
    return signal_.wait_for(lock.lock_, most, std::move(condition));
  }
  template <typename TimeOfClock, typename Duration>
  void wait_until(CondLock& lock, const std::chrono::time_point<TimeOfClock, Duration>& until) {
    signal_.wait_until(lock.lock_, until);
  }
  template <typename TimeOfClock, typename Duration, typename Condition>
  bool wait_until(CondLock& lock, const std::chrono::time_point<TimeOfClock, Duration>& until,
                  Condition condition) {
    return signal_.wait_until(lock.lock_, until, std::move(condition));
  }

 private:
  std::condition_variable signal_;
};

}  // namespace mcpgate
