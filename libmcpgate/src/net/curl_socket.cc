#include "net/curl_socket.h"

#include <sys/socket.h>

#include "net/public_address.h"

namespace mcpgate::net {
namespace {

// Called with each address that libcurl is about to connect to.
curl_socket_t OpenPublic(void* refused, curlsocktype, curl_sockaddr* address) {
  if (!IsPublicAddress(address->addr)) {
    *static_cast<bool*>(refused) = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

bool PublicOnly(CURL* easy, bool& refused) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenPublic) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &refused) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
}

}  // namespace mcpgate::net
