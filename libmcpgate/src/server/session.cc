#include "server/session.h"

#include <utility>
#include <vector>

namespace mcpgate {

void Question::Resolve(absl::StatusOr<Json> answer) {
  {
    MutexLock lock(mutex_);
    if (answer_) return;
    answer_ = std::move(answer);
  }
  resolved_.notify_all();
}

absl::StatusOr<Json> Question::Wait(std::stop_token stop, Nanos patience) {
  const std::stop_callback wake(stop, [this] { Resolve(absl::CancelledError("the call was cancelled")); });
  CondLock lock(mutex_);
  if (!resolved_.wait_for(lock, patience,
                          [this]() MCPGATE_REQUIRES(mutex_) { return answer_.has_value(); })) {
    return absl::DeadlineExceededError("the client did not answer in time");
  }
  return *answer_;
}

Session::Session(const SessionLimits& limits) : limits_(limits) {
  settled_.capabilities = std::make_shared<const Json>(Json::object());
}

Settled Session::settled() const {
  MutexLock lock(mutex_);
  return settled_;
}

void Session::Settle(Settled settled) {
  MutexLock lock(mutex_);
  settled_ = std::move(settled);
  has_settled_ = true;
}

void Session::SetLogLevel(LogLevel level) {
  MutexLock lock(mutex_);
  settled_.log_level = level;
}

Session::Entry Session::Enter(const Json& id, std::shared_ptr<Flight> flight) {
  MutexLock lock(mutex_);
  if (ended_) return Entry::kEnded;
  if (entered_ >= limits_.in_flight) return Entry::kFull;
  if (!in_flight_.emplace(DumpJson(id), std::move(flight)).second) return Entry::kDuplicate;
  ++entered_;
  return Entry::kEntered;
}

void Session::Answer(const Json& id) {
  MutexLock lock(mutex_);
  in_flight_.erase(DumpJson(id));
}

void Session::Leave() {
  MutexLock lock(mutex_);
  if (--entered_ == 0) empty_.notify_all();
}

bool Session::InFlight(const Json& id) const {
  MutexLock lock(mutex_);
  return !in_flight_.empty() && in_flight_.contains(DumpJson(id));
}

void Session::Cancel(const Json& id) {
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(mutex_);
    const auto found = in_flight_.find(DumpJson(id));
    if (found == in_flight_.end()) return;
    flight = found->second;
  }
  flight->Cancel();
}

void Session::CancelAll() {
  std::vector<std::shared_ptr<Flight>> flights;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, flight] : in_flight_) flights.push_back(flight);
  }
  for (const auto& flight : flights) flight->Cancel();
}

bool Session::Drain(Nanos patience) {
  CondLock lock(mutex_);
  return empty_.wait_for(lock, patience, [this]() MCPGATE_REQUIRES(mutex_) { return entered_ == 0; });
}

std::shared_ptr<Question> Session::NewQuestion() {
  MutexLock lock(mutex_);
  auto question = std::make_shared<Question>("mcpgate-" + std::to_string(++last_question_));
  questions_.emplace(question->id(), question);
  return question;
}

void Session::Resolve(const Json& id, absl::StatusOr<Json> answer) {
  const std::string* text = id.get_ptr<const std::string*>();
  std::shared_ptr<Question> question;
  if (text != nullptr) {
    MutexLock lock(mutex_);
    const auto found = questions_.find(*text);
    if (found != questions_.end()) question = found->second;
  }
  if (question != nullptr) question->Resolve(std::move(answer));
}

void Session::Forget(const Question& question) {
  MutexLock lock(mutex_);
  questions_.erase(question.id());
}

bool Session::Subscribe(const std::string& uri) {
  MutexLock lock(mutex_);
  if (subscriptions_.size() >= limits_.subscriptions && !subscriptions_.contains(uri)) return false;
  subscriptions_.insert(uri);
  return true;
}

void Session::Unsubscribe(const std::string& uri) {
  MutexLock lock(mutex_);
  subscriptions_.erase(uri);
}

std::shared_ptr<ReplySink> Session::Attach(std::shared_ptr<ReplySink> stream) {
  MutexLock lock(mutex_);
  if (ended_) return stream;
  return std::exchange(stream_, std::move(stream));
}

void Session::End() {
  std::shared_ptr<ReplySink> stream;
  {
    MutexLock lock(mutex_);
    ended_ = true;
    stream = std::exchange(stream_, nullptr);
  }
  CancelAll();
  if (stream != nullptr) stream->Finish({});
}

// The use is noted first, so that nobody sees the session unheld and unused.
void Session::Release(Nanos now) {
  Use(now);
  --holds_;
}

bool Session::IsIdle(Nanos now, Nanos idle) const {
  if (holds_ > 0 || now - Nanos(used_at_) <= idle) return false;
  MutexLock lock(mutex_);
  return entered_ == 0;
}

std::shared_ptr<ReplySink> Session::StreamFor(const ServerEvent& event) const {
  MutexLock lock(mutex_);
  if (!has_settled_) return nullptr;
  const bool subscribed =
      event.kind != ServerEvent::Kind::kResourceUpdated || subscriptions_.contains(event.uri);
  return subscribed ? stream_ : nullptr;
}

std::shared_ptr<void> HoldInUse(const std::shared_ptr<Session>& session, const Clock& clock) {
  session->Hold();
  return {session.get(), [weak = std::weak_ptr(session), &clock](void*) {
            if (const auto held = weak.lock()) held->Release(clock.Steady());
          }};
}

}  // namespace mcpgate
