#include "admin/pages.h"

#include <algorithm>
#include <array>

#include "admin/embedded.h"
#include "admin/problem.h"

namespace mcpgate::admin {
namespace {

struct Page {
  std::string_view path, file, type;  // without a file: the document itself
};
constexpr std::array<Page, 4> kPages = {{{"/openapi.json", "", "application/json"},
                                         {"/docs", "docs.html", "text/html; charset=utf-8"},
                                         {"/docs/docs.js", "docs.js", "text/javascript; charset=utf-8"},
                                         {"/docs/docs.css", "docs.css", "text/css; charset=utf-8"}}};
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action "
    "'none'; frame-ancestors 'none'";

const Page* Find(std::string_view path) {
  const auto* page =
      std::find_if(kPages.begin(), kPages.end(), [&](const Page& each) { return each.path == path; });
  return page == kPages.end() ? nullptr : page;
}

}  // namespace

bool Pages::IsPage(std::string_view path) { return Find(path) != nullptr; }

std::optional<HttpResponse> Pages::Screen(const HttpRequest& request) const {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  HttpResponse refusal = ProblemAnswer(Problem{.status = 405, .detail = "use GET or HEAD"});
  refusal.headers.emplace_back("Allow", "GET, HEAD");
  return refusal;
}

HttpResponse Pages::Get(std::string_view path) const {
  const Page* page = Find(path);
  if (page == nullptr)
    return ProblemAnswer(Problem{.status = 404, .detail = "there is nothing at this path"});
  return {.status = 200,
          .headers = {{"Content-Type", std::string(page->type)},
                      {"Content-Security-Policy", kPolicy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-cache"}},
          .body = page->file.empty() ? openapi_ : std::string(FindEmbedded(page->file))};
}

}  // namespace mcpgate::admin
