// The only translation unit that includes Beast.
#include "transport/http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <new>

namespace mcpgate::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using BeastError = beast::http::error;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

class RequestParser::BeastParser final : public beast::http::basic_parser<true> {
 public:
  explicit BeastParser(RequestHead* head) : head_(head) {
    // The bounds are the connection's: it has seen the whole head, and compares the length after the handler
    // has screened the request.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  void CollectInto(std::string& body, std::size_t max_body) {
    head_ = nullptr;  // fields from here on are trailers, which nobody reads
    body_ = &body;
    max_body_ = max_body;
    eager(true);
  }

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       error_code&) override {
    head_->method = View(method);
    head_->target = View(target);
    head_->is_http11 = version == 11;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     error_code&) override {
    if (head_ != nullptr) head_->headers.push_back({View(name), View(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    body_->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code& error) override {
    if (size > max_body_ - body_->size()) error = BeastError::body_limit;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    body_->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  RequestHead* head_;
  std::string* body_ = nullptr;
  std::size_t max_body_ = 0;
};

RequestParser::RequestParser() = default;
RequestParser::~RequestParser() = default;

int RequestParser::ParseHead(std::string_view bytes, RequestHead& head) {
  head.headers.clear();
  // Beast's parser serves one message only; a new one in the same place saves the allocation.
  if (parser_ == nullptr) {
    parser_ = std::make_unique<BeastParser>(&head);
  } else {
    std::destroy_at(parser_.get());
    std::construct_at(parser_.get(), &head);
  }
  error_code error;
  const std::size_t taken = parser_->put({bytes.data(), bytes.size()}, error);
  if (error == BeastError::bad_version) return 505;
  if (error || taken != bytes.size() || !parser_->is_header_done()) return 400;
  head.keep_alive = head.is_http11 && parser_->keep_alive();
  return 0;
}

RequestParser::Progress RequestParser::ParseBody(std::string_view bytes, std::size_t max_body,
                                                 std::string& body) {
  // Beast asserts that it never sees less of a last chunk on a second look, and all that may follow any part
  // of a chunked body ends with this much.
  static constexpr std::size_t kLeast = std::string_view("0\r\n\r\n").size();
  if (parser_->chunked() && bytes.size() < kLeast) return {};
  parser_->CollectInto(body, max_body);
  error_code error;
  Progress progress;
  progress.taken = parser_->put({bytes.data(), bytes.size()}, error);
  progress.is_done = parser_->is_done();
  if (error == BeastError::body_limit) {
    progress.refusal = 413;
  } else if (error && error != BeastError::need_more) {
    progress.refusal = 400;
  }
  return progress;
}

}  // namespace mcpgate::http
