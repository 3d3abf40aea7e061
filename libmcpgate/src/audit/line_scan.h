// File: audit/line_scan.h
//
// A file of lines, read from its beginning.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

#include "audit/line_chain.h"

namespace mcpgate {

struct LineScan {
  enum class End {
    kWhole,    ///< every line holds
    kTorn,     ///< all lines hold but what is left after them is no whole line
    kDamaged,  ///< a line does not hold, and others follow
    kForeign,  ///< the first line is not a header of ours
  };
  End end = End::kWhole;
  LinePlace begin{}, place{};    ///< of the header; of the last line that holds
  std::uint64_t good_bytes = 0;  ///< up to and with that line
};
LineScan ScanLines(std::istream& file, const LineChain& chain);

}  // namespace mcpgate
