// File: common/notice_places.h
//
// Where a host sends notices.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/notice_options.h"
#include "mcpgate/notice.h"

namespace mcpgate::hosts {

using NoticePlaces = std::vector<std::shared_ptr<NoticePlace>>;
/// The places that the options name, with their secrets, which leave the environment. Connects to nothing.
/// The error names the option that is wrong. Call before threads are started.
absl::StatusOr<NoticePlaces> ReadNoticePlaces(const NoticeOptions& options);

}  // namespace mcpgate::hosts
