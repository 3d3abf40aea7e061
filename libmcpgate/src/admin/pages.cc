#include "admin/pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "admin/embedded.h"
#include "admin/problem.h"
#include "base/crypto.h"

namespace mcpgate::admin {
namespace {

struct Named {
  std::string_view path, file;  // without a file: the document itself
};
// All others are files of the dashboard, at /ui/<file>.
constexpr std::array<Named, 5> kNamed = {{{"/", "index.html"},
                                          {"/openapi.json", ""},
                                          {"/docs", "docs.html"},
                                          {"/docs/docs.js", "docs.js"},
                                          {"/docs/docs.css", "docs.css"}}};
constexpr std::string_view kFolder = "/ui/";
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// The embedded file at a path; nullopt: there is none.
std::optional<std::string_view> FileAt(std::string_view path) {
  const auto* named =
      std::find_if(kNamed.begin(), kNamed.end(), [&](const Named& each) { return each.path == path; });
  if (named != kNamed.end()) return named->file;
  if (!path.starts_with(kFolder)) return std::nullopt;
  const std::string_view file = path.substr(kFolder.size());
  return FindEmbedded(file).empty() ? std::nullopt : std::optional(file);
}

std::string TypeOf(std::string_view file) {
  if (file.ends_with(".html")) return "text/html; charset=utf-8";
  if (file.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (file.ends_with(".css")) return "text/css; charset=utf-8";
  if (file.ends_with(".svg")) return "image/svg+xml";
  return "application/json";
}

// Changes with the content; what a browser has is asked for again and not sent again.
std::string TagOf(std::string_view content) {
  const Digest digest = KeyedHash(Secret(), "mcpgate page", content);
  return fmt::format("\"{}\"", Base64UrlEncode(AsView(digest).substr(0, 12)));
}

}  // namespace

bool Pages::IsPage(std::string_view path) { return FileAt(path).has_value(); }

std::optional<HttpResponse> Pages::Screen(const HttpRequest& request) const {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  HttpResponse refusal = ProblemAnswer(Problem{.status = 405, .detail = "use GET or HEAD"});
  refusal.headers.emplace_back("Allow", "GET, HEAD");
  return refusal;
}

HttpResponse Pages::Get(std::string_view path, std::string_view known_tag) const {
  const std::optional<std::string_view> file = FileAt(path);
  if (!file) return ProblemAnswer(Problem{.status = 404, .detail = "there is nothing at this path"});
  const std::string_view content = file->empty() ? std::string_view(openapi_) : FindEmbedded(*file);
  const std::string tag = TagOf(content);
  HttpResponse page{.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}}};
  if (known_tag == tag) {
    page.status = 304;
    return page;
  }
  page.headers.insert(page.headers.end(), {{"Content-Type", TypeOf(*file)},
                                           {"Content-Security-Policy", kPolicy},
                                           {"X-Content-Type-Options", "nosniff"},
                                           {"Referrer-Policy", "no-referrer"}});
  page.body = content;
  return page;
}

}  // namespace mcpgate::admin
