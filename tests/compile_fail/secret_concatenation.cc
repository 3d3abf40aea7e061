// expect: no match for 'operator\+'
#include <string>

#include "mcpgate/secret.h"

std::string Header(const mcpgate::Secret& secret) {
  const std::string scheme = "Bot ";
#ifdef MCPGATE_MUST_NOT_COMPILE
  return scheme + secret;
#else
  return scheme + std::string(RevealSecret(secret));
#endif
}
