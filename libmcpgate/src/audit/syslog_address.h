// File: audit/syslog_address.h
//
// Where a syslog daemon listens, and a socket to it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace mcpgate {

struct SyslogAddress {
  enum class Kind { kUnix, kUdp, kTcp };
  Kind kind = Kind::kUnix;
  std::string host{}, port{};  ///< of UDP and TCP
  std::string path{};          ///< of a Unix socket
};
absl::StatusOr<SyslogAddress> ParseSyslogAddress(std::string_view text);

/// SyslogSocket
///
/// Not thread-safe.
class SyslogSocket {
 public:
  SyslogSocket(SyslogAddress address, Nanos deadline) : address_(std::move(address)), deadline_(deadline) {}
  ~SyslogSocket() { Close(); }
  SyslogSocket(const SyslogSocket&) = delete;
  SyslogSocket& operator=(const SyslogSocket&) = delete;

  /// Connects when it is not connected, and hands over one message. After an error it is not connected, and
  /// the message may be sent again.
  absl::Status Send(std::string_view message);

 private:
  absl::Status Connect();
  absl::Status ConnectUnix();
  absl::Status ConnectInternet();
  absl::Status Connected(int fd, const void* address, unsigned size);
  absl::Status SendAll(std::string_view bytes);
  absl::Status Failed(std::string_view what) const;
  void Close();

  const SyslogAddress address_;
  const Nanos deadline_;
  int fd_ = -1;
  bool is_stream_ = false;
};

}  // namespace mcpgate
