// libcurl, loaded by the first call to Discord instead of at the start. It brings thirty libraries with it,
// and loading them is half of a cold start (release build, Debian 12, two cores: 13 ms to the first answer, 7
// ms without). A client waits for the start; nobody waits for Discord before a tool asks it.
//
// These definitions stand in for the library's own when the program is linked, so the adapter need not know.
// A function that is missing here would only bring the load at the start back.
#include <curl/curl.h>
#include <dlfcn.h>

#include <cstdarg>

#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt

namespace {

// The ABI that libcurl has kept since 2006.
void* Library() {
  static void* const library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
  return library;
}

template <typename Function>
Function* Find(const char* name) {
  return Library() == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(Library(), name));
}

// Hands the one variable argument on with the type that curl.h's numbering of options gives it.
template <typename Real, typename Handle, typename Option>
auto SetOption(Real* real, Handle* handle, Option option, va_list arguments) {
  switch (option / 10000 * 10000) {
    case CURLOPTTYPE_LONG:
      return real(handle, option, va_arg(arguments, long));
    case CURLOPTTYPE_OFF_T:
      return real(handle, option, va_arg(arguments, curl_off_t));
    default:
      return real(handle, option, va_arg(arguments, void*));
  }
}

}  // namespace

#define REAL(name) static auto* const real = Find<decltype(name)>(#name)

extern "C" {

// The adapter starts with this one and goes no further when it fails; the others need not look.
CURLcode curl_global_init(long flags) {
  REAL(curl_global_init);
  return real == nullptr ? CURLE_FAILED_INIT : real(flags);
}

CURL* curl_easy_init() {
  REAL(curl_easy_init);
  return real();
}

void curl_easy_cleanup(CURL* easy) {
  REAL(curl_easy_cleanup);
  real(easy);
}

CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  REAL(curl_easy_setopt);
  va_list arguments;
  va_start(arguments, option);
  const CURLcode code = SetOption(real, easy, option, arguments);
  va_end(arguments);
  return code;
}

CURLcode curl_easy_getinfo(CURL* easy, CURLINFO info, ...) {
  REAL(curl_easy_getinfo);
  va_list arguments;
  va_start(arguments, info);
  const CURLcode code = real(easy, info, va_arg(arguments, void*));
  va_end(arguments);
  return code;
}

curl_slist* curl_slist_append(curl_slist* list, const char* text) {
  REAL(curl_slist_append);
  return real(list, text);
}

void curl_slist_free_all(curl_slist* list) {
  REAL(curl_slist_free_all);
  real(list);
}

CURLM* curl_multi_init() {
  REAL(curl_multi_init);
  return real();
}

CURLMcode curl_multi_cleanup(CURLM* multi) {
  REAL(curl_multi_cleanup);
  return real(multi);
}

CURLMcode curl_multi_setopt(CURLM* multi, CURLMoption option, ...) {
  REAL(curl_multi_setopt);
  va_list arguments;
  va_start(arguments, option);
  const CURLMcode code = SetOption(real, multi, option, arguments);
  va_end(arguments);
  return code;
}

CURLMcode curl_multi_add_handle(CURLM* multi, CURL* easy) {
  REAL(curl_multi_add_handle);
  return real(multi, easy);
}

CURLMcode curl_multi_remove_handle(CURLM* multi, CURL* easy) {
  REAL(curl_multi_remove_handle);
  return real(multi, easy);
}

CURLMcode curl_multi_perform(CURLM* multi, int* running) {
  REAL(curl_multi_perform);
  return real(multi, running);
}

CURLMcode curl_multi_poll(CURLM* multi, curl_waitfd* extra, unsigned extra_count, int timeout_ms,
                          int* ready) {
  REAL(curl_multi_poll);
  return real(multi, extra, extra_count, timeout_ms, ready);
}

CURLMcode curl_multi_wakeup(CURLM* multi) {
  REAL(curl_multi_wakeup);
  return real(multi);
}

CURLMsg* curl_multi_info_read(CURLM* multi, int* left) {
  REAL(curl_multi_info_read);
  return real(multi, left);
}

}  // extern "C"
