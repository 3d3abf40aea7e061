#include "server/batch.h"

#include <utility>

namespace mcpgate {

class Batch::Element final : public ReplySink {
 public:
  explicit Element(std::shared_ptr<Batch> batch) : batch_(std::move(batch)) {}
  bool Notify(std::string message) override { return batch_->reply_->Notify(std::move(message)); }
  void Finish(ServerAnswer answer) override { batch_->Add(std::move(answer.message)); }

 private:
  const std::shared_ptr<Batch> batch_;
};

std::shared_ptr<ReplySink> Batch::NewElement() { return std::make_shared<Element>(shared_from_this()); }

void Batch::Add(std::string answer) {
  std::string all;
  {
    MutexLock lock(mutex_);
    if (!answer.empty()) {
      answers_ += answers_.empty() ? '[' : ',';
      answers_ += answer;
    }
    if (--open_ > 0) return;
    all = std::move(answers_);
  }
  if (all.empty()) return reply_->Finish({.http_status = 202});
  reply_->Finish({.message = std::move(all) + ']'});
}

}  // namespace mcpgate
