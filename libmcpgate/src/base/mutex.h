// File: base/mutex.h
//
// std::mutex with names that clang's thread-safety analysis knows. Not absl::Mutex: Debian's build of it
// misleads ThreadSanitizer.
#pragma once

#include <condition_variable>
#include <mutex>

namespace mcpgate {

using Mutex = std::mutex;
using MutexLock = std::lock_guard<std::mutex>;
using CondLock = std::unique_lock<std::mutex>;
using CondVar = std::condition_variable;

}  // namespace mcpgate
