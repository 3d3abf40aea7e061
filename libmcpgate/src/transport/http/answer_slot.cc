#include "transport/http/answer_slot.h"

#include <algorithm>
#include <utility>

#include "transport/http/response_text.h"

namespace mcpgate::http {
namespace {

// User code; what it throws must not reach a loop.
void Call(absl::AnyInvocable<void()> callback) {
  if (!callback) return;
  try {
    callback();
  } catch (...) {
  }
}

}  // namespace

class AnswerSlot::Exchange final : public HttpExchange {
 public:
  Exchange(std::shared_ptr<AnswerSlot> slot, std::uint64_t number)
      : slot_(std::move(slot)), number_(number) {}
  ~Exchange() override { slot_->Drop(number_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void Respond(HttpResponse response) override { slot_->Answer(number_, std::move(response), false); }
  void BeginStream(HttpResponse head) override { slot_->Answer(number_, std::move(head), true); }
  void BeginTunnel(std::function<void(std::string_view)> take) override {
    slot_->Tunnel(number_, std::move(take));
  }
  bool Write(std::string bytes) override { return slot_->Write(number_, std::move(bytes)); }
  void End() override { slot_->End(number_); }
  void OnGone(absl::AnyInvocable<void()> gone) override { slot_->OnGone(number_, std::move(gone)); }

 private:
  const std::shared_ptr<AnswerSlot> slot_;
  const std::uint64_t number_;
};

std::shared_ptr<HttpExchange> AnswerSlot::Open() {
  std::uint64_t number = 0;
  Callback over;  // destroyed without the lock: it may own anything
  {
    MutexLock lock(mutex_);
    number = ++number_;
    phase_ = Phase::kOpen;
    loop_will_look_ = true;
    over = std::exchange(gone_, nullptr);
    has_callback_ = false;
    is_half_gone_ = false;
    waiting_ = 0;
  }
  return std::make_shared<Exchange>(shared_from_this(), number);
}

AnswerSlot::News AnswerSlot::Take() {
  MutexLock lock(mutex_);
  loop_will_look_ = false;
  News news;
  news.is_broken = phase_ == Phase::kBroken;
  news.is_ended = phase_ == Phase::kEnded;
  news.response = std::exchange(response_, std::nullopt);
  news.is_stream = is_stream_;
  news.take = std::exchange(take_, nullptr);
  news.bytes.swap(bytes_);
  return news;
}

bool AnswerSlot::IsUnanswered(std::uint64_t number) const {
  MutexLock lock(mutex_);
  return IsIn(number, Phase::kOpen);
}

bool AnswerSlot::IsBroken() const {
  MutexLock lock(mutex_);
  return phase_ == Phase::kBroken;
}

void AnswerSlot::Sent(std::size_t bytes) {
  MutexLock lock(mutex_);
  waiting_ -= std::min(bytes, waiting_ - bytes_.size());
}

void AnswerSlot::Finish() {
  Callback over;
  MutexLock lock(mutex_);
  if (phase_ == Phase::kGone) return;
  phase_ = Phase::kIdle;
  over = std::exchange(gone_, nullptr);
}

void AnswerSlot::Gone() {
  Callback gone;
  std::function<void(std::string_view)> take;  // destroyed without the lock, like all that is others'
  {
    MutexLock lock(mutex_);
    if (phase_ == Phase::kIdle) return;
    phase_ = Phase::kGone;
    bytes_ = {};
    response_.reset();
    take = std::exchange(take_, nullptr);
    gone = std::exchange(gone_, nullptr);
  }
  Call(std::move(gone));
}

void AnswerSlot::HalfGone() {
  Callback gone;
  {
    MutexLock lock(mutex_);
    if (phase_ == Phase::kIdle || phase_ == Phase::kGone) return;
    is_half_gone_ = true;
    gone = std::exchange(gone_, nullptr);
  }
  Call(std::move(gone));
}

bool AnswerSlot::NeedsWake() { return !std::exchange(loop_will_look_, true); }

void AnswerSlot::Answer(std::uint64_t number, HttpResponse response, bool is_stream) {
  // A head that cannot be sent answers 500 in its place, and the handler finds its stream over.
  if (!IsSendable(response)) {
    response = InternalError();
    is_stream = false;
  }
  {
    MutexLock lock(mutex_);
    if (!IsIn(number, Phase::kOpen)) return;
    phase_ = is_stream ? Phase::kStreaming : Phase::kAnswered;
    response_ = std::move(response);
    is_stream_ = is_stream;
    if (!NeedsWake()) return;
  }
  wake_();
}

void AnswerSlot::Tunnel(std::uint64_t number, std::function<void(std::string_view)> take) {
  {
    MutexLock lock(mutex_);
    if (!IsIn(number, Phase::kOpen)) return;
    phase_ = Phase::kStreaming;
    take_ = std::move(take);
    if (!NeedsWake()) return;
  }
  wake_();
}

bool AnswerSlot::Write(std::uint64_t number, std::string bytes) {
  bool is_taken = false;
  {
    MutexLock lock(mutex_);
    if (!IsIn(number, Phase::kStreaming)) return false;
    is_taken = waiting_ < max_waiting_;
    if (is_taken) {
      waiting_ += bytes.size();
      if (bytes_.empty()) {
        bytes_ = std::move(bytes);
      } else {
        bytes_ += bytes;
      }
      if (!NeedsWake()) return true;
    } else {
      phase_ =
          Phase::kBroken;  // wakes even a loop that will look when its write ends: this one may never end
    }
  }
  wake_();
  return is_taken;
}

void AnswerSlot::End(std::uint64_t number) {
  {
    MutexLock lock(mutex_);
    if (!IsIn(number, Phase::kStreaming)) return;
    phase_ = Phase::kEnded;
    if (!NeedsWake()) return;
  }
  wake_();
}

void AnswerSlot::OnGone(std::uint64_t number, Callback gone) {
  {
    MutexLock lock(mutex_);
    if (number != number_ || phase_ == Phase::kIdle || has_callback_) return;
    has_callback_ = true;
    if (phase_ != Phase::kGone && !is_half_gone_) {
      gone_ = std::move(gone);
      return;
    }
  }
  Call(std::move(gone));
}

void AnswerSlot::Drop(std::uint64_t number) {
  if (IsUnanswered(number)) Answer(number, InternalError(), false);
  Callback over;
  {
    MutexLock lock(mutex_);
    if (!IsIn(number, Phase::kStreaming)) return;
    phase_ = Phase::kBroken;
    over = std::exchange(gone_, nullptr);
  }
  wake_();
}

}  // namespace mcpgate::http
