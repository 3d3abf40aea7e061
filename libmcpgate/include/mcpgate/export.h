// Symbol visibility of the shared library.
#pragma once

#if defined(MCPGATE_SHARED) && defined(_WIN32)
#if defined(MCPGATE_BUILDING)
#define MCPGATE_EXPORT __declspec(dllexport)
#else
#define MCPGATE_EXPORT __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define MCPGATE_EXPORT __attribute__((visibility("default")))
#else
#define MCPGATE_EXPORT
#endif
