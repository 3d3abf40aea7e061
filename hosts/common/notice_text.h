// File: common/notice_text.h
//
// What happens in a host, as notices.
#pragma once

#include <cstdint>

#include "mcpgate/gate.h"
#include "mcpgate/key_store.h"
#include "mcpgate/ledger.h"
#include "mcpgate/notice.h"

namespace mcpgate::hosts {

Notice NoticeOf(const BudgetAlert& alert);  ///< "budget.alert", once for each share of each period
/// "limit.near", once a day (in UTC) for each limit and whoever uses it up.
Notice NoticeOf(const LimitEvent& event, WallTime now);
Notice NoticeOf(const ReplacedKeys& replaced);  ///< "key.replaced"
/// "key.expiring", once for each family and end of it.
Notice NoticeOfEnd(const KeyRecord& key);
/// "keys.expiring", once a day: more keys end than are told one by one.
Notice NoticeOfEnds(std::size_t more, WallTime now);

}  // namespace mcpgate::hosts
