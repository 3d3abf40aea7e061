#include "server/tasks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "protocol/access.h"
#include "protocol/capabilities.h"
#include "protocol/input_state.h"

namespace mcpgate {
namespace {

std::string NewTaskId() {
  std::array<std::uint8_t, 24> bytes;
  FillRandom(bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::int64_t Millis(Nanos span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

// ISO 8601 in UTC.
std::string TimeText(const Clock& clock) {
  const auto now = clock.Now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
  const std::time_t whole = static_cast<std::time_t>(seconds.time_since_epoch().count());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole), millis);
}

}  // namespace

Task::Task(Options options)
    : options_(std::move(options)),
      created_at_(TimeText(*options_.clock)),
      forget_at_(options_.clock->Steady() + options_.told.ttl),
      updated_at_(created_at_) {}

Json Task::Created() const {
  MutexLock lock(mutex_);
  return {{"taskId", options_.id},
          {"status", "working"},
          {"createdAt", created_at_},
          {"lastUpdatedAt", updated_at_},
          {"ttlMs", Millis(options_.told.ttl)},
          {"pollIntervalMs", Millis(options_.told.poll_interval)}};
}

Json Task::Describe() const {
  MutexLock lock(mutex_);
  return DescribeLocked();
}

Json Task::DescribeLocked() const {
  constexpr std::array kNames = {"working", "input_required", "completed", "failed", "cancelled"};
  Json told = {{"taskId", options_.id},
               {"status", kNames[static_cast<std::size_t>(state_)]},
               {"createdAt", created_at_},
               {"lastUpdatedAt", updated_at_},
               {"ttlMs", Millis(options_.told.ttl)},
               {"pollIntervalMs", Millis(options_.told.poll_interval)}};
  if (state_ == State::kInputRequired) {
    Json& requests = told["inputRequests"] = Json::object();
    for (const auto& [key, request] : open_) {
      requests[key] = {{"method", request.method}, {"params", request.params}};
    }
  }
  if (state_ == State::kCompleted) told["result"] = ParseJson(result_).value_or(Json::object());
  if (state_ == State::kFailed) told["error"] = error_;
  return told;
}

void Task::Answer(const Json& responses) {
  {
    MutexLock lock(mutex_);
    if (state_ != State::kInputRequired) return;
    for (const auto& [key, answer] : responses.items()) {
      const auto question = open_.find(key);
      if (question == open_.end() || ProblemOfAnswer(question->second, answer)) continue;
      answers_.insert_or_assign(key, answer);
      open_.erase(question);
    }
    if (open_.empty()) state_ = State::kWorking;
    updated_at_ = TimeText(*options_.clock);
  }
  answered_.notify_all();
  options_.on_change(*this);
}

// A wish: the handler hears it and ends when it can. What has ended stays as it is.
void Task::Cancel() { options_.flight->Cancel(); }

bool Task::IsAnswered(std::span<const InputRequest> requests) const {
  return std::all_of(requests.begin(), requests.end(),
                     [this](const InputRequest& request) { return answers_.contains(request.key); });
}

absl::StatusOr<std::vector<Json>> Task::Ask(std::span<const InputRequest> requests, std::stop_token stop) {
  {
    MutexLock lock(mutex_);
    for (const InputRequest& request : requests) {
      // A key is never used twice in one task, so an answer that is there is the answer.
      if (!answers_.contains(request.key)) open_.insert_or_assign(request.key, request);
    }
    if (!open_.empty()) state_ = State::kInputRequired;
    updated_at_ = TimeText(*options_.clock);
  }
  options_.on_change(*this);
  const std::stop_callback wake(stop, [this] {
    { MutexLock lock(mutex_); }  // so that the waiter either has not looked yet or hears it
    answered_.notify_all();
  });
  CondLock lock(mutex_);
  answered_.wait(lock, [&] { return stop.stop_requested() || IsAnswered(requests); });
  if (!IsAnswered(requests)) return absl::CancelledError("the task was cancelled");
  std::vector<Json> answers;
  for (const InputRequest& request : requests) answers.push_back(answers_.at(request.key));
  return answers;
}

void Task::Complete(std::string result) { End(State::kCompleted, std::move(result), nullptr); }

void Task::Fail(const Rejection& rejection) {
  End(State::kFailed, {}, {{"code", rejection.code}, {"message", rejection.message}});
}

void Task::Cancelled() { End(State::kCancelled, {}, nullptr); }

void Task::End(State state, std::string result, Json error) {
  {
    MutexLock lock(mutex_);
    state_ = state;
    open_.clear();
    result_ = std::move(result);
    error_ = std::move(error);
    updated_at_ = TimeText(*options_.clock);
  }
  options_.on_end();
  options_.on_change(*this);
}

std::shared_ptr<RunningTask> TaskTable::Begin(const Principal& owner, const TaskOptions& options,
                                              std::shared_ptr<Flight> flight) {
  MutexLock lock(mutex_);
  Sweep();
  const std::string name = OwnerOf(owner);
  const auto count = count_of_owner_.find(name);
  const std::size_t owned = count == count_of_owner_.end() ? 0 : count->second;
  if (tasks_.size() >= limits_.tasks || owned >= limits_.of_key || running_ >= limits_.running)
    return nullptr;
  auto task = std::make_shared<Task>(Task::Options{.id = NewTaskId(),
                                                   .owner = name,
                                                   .told = options,
                                                   .clock = &clock_,
                                                   .flight = std::move(flight),
                                                   .on_change = changed_,
                                                   .on_end = [this] {
                                                     MutexLock ended(mutex_);
                                                     --running_;
                                                   }});
  ++running_;
  ++count_of_owner_[name];
  tasks_.emplace(task->id(), task);
  return task;
}

std::shared_ptr<Task> TaskTable::Find(std::string_view id, const Principal& owner) {
  MutexLock lock(mutex_);
  const auto found = tasks_.find(std::string(id));
  if (found == tasks_.end() || found->second->owner() != OwnerOf(owner)) return nullptr;
  return found->second->forget_at() > clock_.Steady() ? found->second : nullptr;
}

void TaskTable::CancelAll() {
  std::vector<std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, task] : tasks_) tasks.push_back(task);
  }
  for (const auto& task : tasks) task->Cancel();
}

// What runs beyond its time is told to stop by its deadline, and keeps its place until it ends.
void TaskTable::Sweep() {
  const Nanos now = clock_.Steady();
  std::erase_if(tasks_, [&](const auto& entry) {
    if (entry.second->forget_at() > now) return false;
    const auto count = count_of_owner_.find(entry.second->owner());
    if (--count->second == 0) count_of_owner_.erase(count);
    return true;
  });
}

std::variant<std::string, Rejection> AnswerTask(TaskTable& tasks, const Request& request,
                                                const Principal& principal) {
  if (!KnowsTasks(*request.capabilities)) {
    return Rejection(ErrorCode::kMissingCapability, "tasks need the extension, declared on this request",
                     {{"requiredCapabilities", TasksCapability()}});
  }
  const std::string* id = FindString(request.params, "taskId");
  const std::shared_ptr<Task> task = id == nullptr ? nullptr : tasks.Find(*id, principal);
  if (task == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.taskId names no task");
  if (request.method == "tasks/cancel") {
    task->Cancel();
    return std::string();
  }
  if (request.method == "tasks/update") {
    const Json* responses = FindObject(request.params, "inputResponses");
    if (responses == nullptr)
      return Rejection(ErrorCode::kInvalidParams, "params.inputResponses must be an object");
    task->Answer(*responses);
    return std::string();
  }
  const std::string text = DumpJson(task->Describe());
  return text.substr(1, text.size() - 2);
}

}  // namespace mcpgate
