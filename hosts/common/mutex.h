// File: common/mutex.h
//
// Mutex, MutexLock and CondVar of the library, in namespace mcpgate. The only thing hosts take from inside
// it: names over std::mutex that say nothing of mcpgate, and so no part of what a user of the library needs.
#pragma once

#include "../../libmcpgate/src/base/mutex.h"
