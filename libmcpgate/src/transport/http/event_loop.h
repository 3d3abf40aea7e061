// File: transport/http/event_loop.h
#pragma once

#include <memory>

#include "transport/http/listen_socket.h"
#include "transport/http/shared_state.h"

namespace mcpgate::http {

/// EventLoop
///
/// One thread with its acceptor and its connections. Safe for concurrent use. Stop, then Join, before it
/// goes.
class EventLoop {
 public:
  static std::unique_ptr<EventLoop> New(SharedState& shared, Descriptor listening);
  virtual ~EventLoop() = default;

  virtual void Run() = 0;
  /// A place for a connection is free.
  virtual void OnFree() = 0;
  virtual void Drain() = 0;
  virtual void DropAll() = 0;
  virtual void Stop() = 0;
  virtual void Join() = 0;
};

}  // namespace mcpgate::http
