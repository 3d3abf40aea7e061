// File: base/descriptor.h
#pragma once

#include <unistd.h>

#include <utility>

namespace mcpgate {

/// Descriptor
///
/// Owns a file descriptor, or holds -1, and closes it at the end. Confine to one thread.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  /// Somebody else closes it.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace mcpgate
