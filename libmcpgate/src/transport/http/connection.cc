#include "transport/http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "transport/http/response_text.h"

namespace mcpgate::http {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// Answers to pipelined requests that go out in one write.
constexpr std::size_t kCoalesced = 64 << 10;
constexpr std::size_t kHeadRead = 4 << 10, kBodyRead = 64 << 10;
// What an idle connection may keep of its buffers.
constexpr std::size_t kKept = 16 << 10;
// A client that was told no while it still sends is read a little longer, or the reset that a close causes
// could destroy the answer on its way (RFC 9112, section 9.6).
constexpr std::chrono::seconds kLinger{2};

HttpResponse RefusalOf(int status, const HttpListenerOptions& options) {
  switch (status) {
    case 408:
      return TextAnswer(408, "the request took too long to arrive");
    case 413:
      return TextAnswer(413, fmt::format("a body may have {} bytes at most", options.max_body));
    case 417:
      return TextAnswer(417, "the only expectation met here is 100-continue");
    case 431:
      return TextAnswer(431, fmt::format("a request may have {} header fields and {} bytes of them at most",
                                         options.max_headers, options.max_header));
    case 501:
      return TextAnswer(501, "the only transfer coding known here is chunked");
    case 505:
      return TextAnswer(505, "this server speaks HTTP/1.1");
    default:
      return TextAnswer(status, "the request is not well-formed HTTP/1.1");
  }
}

// The views of `head` point into `from`; afterwards into `to`, a copy of it.
void Rebase(RequestHead& head, std::string_view from, std::string_view to) {
  const auto moved = [&](std::string_view view) {
    return std::string_view(to.data() + (view.data() - from.data()), view.size());
  };
  head.method = moved(head.method);
  head.target = moved(head.target);
  for (HttpHeader& header : head.headers) header = {moved(header.name), moved(header.value)};
}

void ClearForReuse(std::string& buffer) {
  if (buffer.capacity() > kKept) {
    buffer = {};
  } else {
    buffer.clear();
  }
}

}  // namespace

void TellRefusal(HttpHandler& handler, const HttpRefusal& refusal) {
  try {
    handler.OnRefused(refusal);
  } catch (...) {
  }
}

Connection::Connection(LoopState& loop, std::string peer, bool is_secure)
    : loop_(loop),
      peer_(std::move(peer)),
      is_secure_(is_secure),
      scan_(loop.options.max_header, loop.options.max_headers) {}

// ---------------------------------------------------------------- what happens to it

void Connection::Begin() {
  if (state_ != State::kOpening) return;  // closed while it shook hands
  slot_ = std::make_shared<AnswerSlot>(loop_.options.stream_queue, MakeWake());
  state_ = State::kHead;
  SetDeadline(loop_.options.header_timeout);
  Continue();
}

void Connection::OnRead(ReadEnd end, std::size_t bytes) {
  is_reading_ = false;
  if (state_ == State::kClosing || state_ == State::kClosed) return;
  if (end == ReadEnd::kError) return Abort();
  if (end == ReadEnd::kEof) return OnEof();
  in_.Commit(bytes);
  if (state_ == State::kBody) ReadBody();
  if (take_) TakeOver();
  Continue();
}

// A client may close its sending side and wait for the answer, and looks then like one that has closed both:
// the handler is told, and its answer, if it still gives one, is sent. One that waits for a stream is gone:
// nobody reads events with half a connection, and closing it is how clients cancel.
void Connection::OnEof() {
  is_at_eof_ = true;
  if (state_ == State::kStream || state_ == State::kBody) return Abort();
  if (slot_ != nullptr) slot_->HalfGone();
  Continue();
}

void Connection::OnWritten(bool has_failed, std::size_t bytes) {
  if (state_ == State::kClosing || state_ == State::kClosed) return;
  if (has_failed) return Abort();
  if (TakeWritten(bytes)) Continue();
}

// True when all of `sending_` is written; else the rest is on its way.
bool Connection::TakeWritten(std::size_t bytes) {
  sent_ += bytes;
  if (state_ == State::kStream) slot_->Sent(bytes);
  is_writing_ = sent_ < sending_.size();
  if (is_writing_) {
    write_deadline_ = After(loop_.options.write_timeout);
    StartWrite(std::string_view(sending_).substr(sent_));
    return false;
  }
  ClearForReuse(sending_);
  if (state_ == State::kHead && out_.empty()) OnAnswered();
  if (state_ == State::kBody) slot_->Finish();  // of the request before
  if (state_ == State::kAnswer || state_ == State::kStream) Pump();
  return true;
}

void Connection::OnWake() {
  Guard([&] { Look(); });
}

void Connection::Look() {
  if (state_ != State::kAnswer && state_ != State::kStream) return;
  if (is_writing_) {
    if (slot_->IsBroken()) Abort();
    return;  // looks when the write ends
  }
  Pump();
  Continue();
}

void Connection::OnTick() {
  if (is_writing_ && state_ != State::kClosing) {
    if (loop_.now >= write_deadline_) Abort();
    if (state_ != State::kBody) return;
  }
  if (loop_.now < deadline_) return;
  deadline_ = kNever;
  Guard([&] { OnTimeout(); });
}

void Connection::OnTimeout() {
  if (state_ == State::kOpening) return OnHandshakeFailed(/*has_spoken=*/true);
  if ((state_ == State::kHead && is_in_head_) || state_ == State::kBody) {
    RefuseWith(408, state_ == State::kBody ? Known::kScreened : Known::kNothing);
    return Continue();
  }
  Abort();
}

// A client that leaves without a word only looked whether somebody is there.
void Connection::OnHandshakeFailed(bool has_spoken) {
  if (state_ != State::kOpening) return;  // closed while it shook hands
  if (has_spoken) {
    TellRefusal(loop_.handler, {.reason = HttpRefusal::Reason::kHandshake, .peer = peer_});
  }
  Abort();
}

void Connection::OnDrain() {
  if (state_ == State::kOpening) return Abort();
  if (IsIdle() && !HasUnread()) Abort();
}

bool Connection::Drop() {
  const bool is_lost = state_ != State::kClosing && state_ != State::kClosed && !IsIdle();
  Abort();
  return is_lost;
}

void Connection::Abort() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  CloseNow();
  const auto take = std::exchange(take_, nullptr);  // it may hold what holds the slot
  if (slot_ != nullptr) slot_->Gone();
}

bool Connection::IsIdle() const { return state_ == State::kHead && in_.empty() && !HoldsBytes(); }

// ---------------------------------------------------------------- requests

// Goes on as far as what has arrived allows.
void Connection::Continue() {
  do {
    while (state_ == State::kHead && !is_last_ && !is_writing_ && out_.size() < kCoalesced && Step()) {
    }
    if (state_ == State::kClosing || state_ == State::kClosed) return;
  } while (Flush());
  if (state_ == State::kHead && !HoldsBytes()) {
    if (is_at_eof_) return Abort();
    if (loop_.is_draining && IsIdle() && !HasUnread()) return CloseGently();
  }
  Listen();
}

// All that was to be said is written.
void Connection::OnAnswered() {
  slot_->Finish();
  if (is_last_) return CloseGently();
  if (!is_reading_) in_.Shrink(kKept);
  SetDeadline(is_in_head_ ? loop_.options.header_timeout : loop_.options.idle_timeout);
}

// Takes a request, if there is one, and lets it be handled. False when it takes more input, or time.
bool Connection::Step() {
  // Some clients send an empty line after a body (RFC 9112, section 2.2).
  while (!is_reading_ && scan_.IsAtStart() && in_.view().starts_with("\r\n")) in_.Consume(2);
  if (in_.empty() || in_.view() == "\r") return false;
  switch (scan_.Look(in_.view())) {
    case HeadScan::Found::kHead:
      return TakeHead(scan_.size());
    case HeadScan::Found::kMalformed:
      RefuseWith(400, Known::kNothing);
      return false;
    case HeadScan::Found::kTooLarge:
      RefuseWith(431, Known::kNothing);
      return false;
    case HeadScan::Found::kNeedMore:
      break;
  }
  if (!std::exchange(is_in_head_, true)) SetDeadline(loop_.options.header_timeout);
  return false;
}

bool Connection::TakeHead(std::size_t size) {
  scan_.Reset();
  is_in_head_ = false;
  if (const int refusal = parser_.ParseHead(in_.view().substr(0, size), head_); refusal != 0) {
    RefuseWith(refusal, Known::kNothing);
    return false;
  }
  if (const int refusal = ReadFraming(head_.headers, head_.is_http11, framing_); refusal != 0) {
    RefuseWith(refusal, Known::kHead);
    return false;
  }
  keep_alive_ = head_.keep_alive;
  is_head_request_ = head_.method == "HEAD";
  return StartBody(size);
}

// True when the handler has refused the request.
bool Connection::Screened() {
  const HttpRequest request{head_.method, head_.target, head_.headers, {}, peer_, is_secure_};
  std::optional<HttpResponse> refusal;
  try {
    refusal = loop_.handler.Screen(request);
  } catch (...) {
    refusal = InternalError();
  }
  if (!refusal) return false;
  Refuse(*refusal);
  return true;
}

bool Connection::StartBody(std::size_t head_size) {
  const bool is_here = !framing_.chunked && in_.size() - head_size >= framing_.content_length;
  const std::size_t request_size = head_size + static_cast<std::size_t>(framing_.content_length);
  keep_alive_ = keep_alive_ && (is_here || !framing_.has_body());
  if (Screened()) {
    if (is_last_) return false;
    in_.Consume(request_size);
    return true;
  }
  keep_alive_ = head_.keep_alive;
  if (framing_.content_length > loop_.options.max_body) {
    RefuseWith(413, Known::kScreened);
    return false;
  }
  if (is_here) {
    Handle(in_.view().substr(head_size, static_cast<std::size_t>(framing_.content_length)));
    in_.Consume(request_size);
    Pump();
    return state_ == State::kHead;
  }
  kept_head_.assign(in_.view().substr(0, head_size));
  Rebase(head_, in_.view(), kept_head_);
  in_.Consume(head_size);
  state_ = State::kBody;
  SetDeadline(loop_.options.body_timeout);
  // With some of the body here the client does not wait (RFC 9110, section 10.1.1).
  if (framing_.expects_continue && in_.empty()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  return ReadBody();
}

bool Connection::ReadBody() {
  const RequestParser::Progress progress = parser_.ParseBody(in_.view(), loop_.options.max_body, body_);
  in_.Consume(progress.taken);
  // Only the line of a chunk or trailers can stay behind; they are bounded like a head.
  const bool is_endless = !progress.is_done && in_.size() >= loop_.options.max_header;
  if (progress.refusal != 0 || is_endless) {
    RefuseWith(progress.refusal != 0 ? progress.refusal : 431, Known::kScreened);
    return false;
  }
  if (!progress.is_done) return false;
  Handle(body_);
  ClearForReuse(body_);
  Pump();
  return state_ == State::kHead;
}

void Connection::Handle(std::string_view body) {
  state_ = State::kAnswer;
  deadline_ = kNever;
  const HttpRequest request{head_.method, head_.target, head_.headers, body, peer_, is_secure_};
  const std::shared_ptr<HttpExchange> exchange = slot_->Open();
  try {
    loop_.handler.Handle(request, exchange);
  } catch (...) {
    exchange->Respond(InternalError());
  }
}

// ---------------------------------------------------------------- answers

void Connection::Pump() {
  if (is_writing_) return;  // looks when the write ends
  AnswerSlot::News news = slot_->Take();
  if (news.is_broken) return Abort();
  if (news.response) {
    if (!news.is_stream) return SendAnswer(*news.response);
    SendHead(*news.response);
  }
  if (news.take) BeginTunnel(std::move(news.take));
  if (state_ == State::kStream) SendPieces(news.bytes, news.is_ended);
}

void Connection::SendAnswer(const HttpResponse& response) {
  is_last_ = !keep_alive_ || loop_.is_draining;
  AppendAnswer(response, loop_.date_line, is_head_request_, is_last_, out_);
  state_ = State::kHead;
}

void Connection::SendHead(const HttpResponse& head) {
  if (is_at_eof_) return Abort();
  pieces_ = head_.is_http11 ? Pieces::kChunked : Pieces::kPlain;
  AppendStreamHead(head, loop_.date_line, pieces_ == Pieces::kChunked, !keep_alive_ || loop_.is_draining,
                   out_);
  if (is_head_request_ || HasNoBody(head.status)) pieces_ = Pieces::kNone;
  state_ = State::kStream;
}

// The connection is another protocol's until it closes. What the client sent too early is its business too.
void Connection::BeginTunnel(std::function<void(std::string_view)> take) {
  if (is_at_eof_) return Abort();
  keep_alive_ = false;
  pieces_ = Pieces::kPlain;
  state_ = State::kStream;
  take_ = std::move(take);
  if (!is_reading_) TakeOver();
}

void Connection::TakeOver() {
  if (in_.empty()) return;
  take_(in_.view());
  in_.Consume(in_.size());
}

void Connection::SendPieces(const std::string& bytes, bool is_ended) {
  if (pieces_ == Pieces::kChunked) {
    AppendChunk(bytes, out_);
    if (is_ended) out_.append(kLastChunk);
  } else if (pieces_ == Pieces::kPlain) {
    out_.append(bytes);
  } else {
    slot_->Sent(bytes.size());
  }
  if (!is_ended) return;
  is_last_ = !keep_alive_ || loop_.is_draining;
  state_ = State::kHead;
  if (!HoldsBytes()) OnAnswered();
}

void Connection::RefuseWith(int status, Known known) {
  keep_alive_ = false;
  is_head_request_ = known != Known::kNothing && head_.method == "HEAD";
  HttpResponse response = RefusalOf(status, loop_.options);
  const HttpRequest request{head_.method, head_.target, head_.headers, {}, peer_, is_secure_};
  if (known == Known::kScreened) loop_.handler.AddHeaders(request, response);
  TellRefusal(loop_.handler, {.status = status,
                              .body_size = response.body.size(),
                              .peer = peer_,
                              .request = known == Known::kNothing ? nullptr : &request,
                              .was_screened = known == Known::kScreened});
  Refuse(response);
}

// Answers for the handler. What the client goes on to send is not looked at, unless the connection is kept.
void Connection::Refuse(const HttpResponse& response) {
  SendAnswer(IsSendable(response) ? response : InternalError());
}

// True when something was written, and all of it. A socket nearly always takes an answer whole, and a call of
// the system is cheaper than an operation of the loop's.
bool Connection::Flush() {
  if (is_writing_ || out_.empty()) return false;
  sending_.swap(out_);
  sent_ = 0;
  return TakeWritten(WriteNow(sending_));
}

// A read is always under way, so that a client that leaves is noticed; except when bytes of a later request
// are here already: they wait their turn, and what a client can make us hold is bounded.
void Connection::Listen() {
  if (is_reading_ || is_at_eof_ || is_last_) return;
  const bool needs_more = (state_ == State::kHead && !is_writing_) || state_ == State::kBody;
  if (!needs_more && !in_.empty()) return;
  is_reading_ = true;
  StartRead(in_.Room(state_ == State::kBody ? kBodyRead : kHeadRead));
}

void Connection::CloseGently() {
  state_ = State::kClosing;
  SetDeadline(kLinger);
  StartClose();
}

}  // namespace mcpgate::http
