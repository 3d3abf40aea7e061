#include "http/bootstrap_offer.h"

#include <unistd.h>

#include "common/file_write.h"

namespace mcpgate::hosts {

std::string BootstrapFile(const std::string& data_directory) { return data_directory + "/bootstrap.token"; }

absl::StatusOr<std::string> OfferBootstrap(KeyAdmin& keys, const std::string& data_directory) {
  const std::string path = BootstrapFile(data_directory);
  const absl::StatusOr<Secret> token = keys.BeginBootstrap();
  if (absl::IsFailedPrecondition(token.status())) {  // there are keys, so one that was left is good no more
    WithdrawBootstrap(data_directory);
    return std::string();
  }
  if (absl::IsAlreadyExists(token.status())) return path;
  if (!token.ok()) return token.status();
  const absl::Status written = ReplaceFile(path, std::string(RevealSecret(*token)) + "\n");
  if (!written.ok()) return written;
  return path;
}

void WithdrawBootstrap(const std::string& data_directory) { unlink(BootstrapFile(data_directory).c_str()); }

}  // namespace mcpgate::hosts
