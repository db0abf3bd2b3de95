#include "rules/recent_of_rule.h"

#include "rules/error_document.h"

namespace croft::rules {

// Without what a batch tells of its other messages.
static std::string document_of(const Firing& firing, const Action* action, const Error& error) {
  if (firing.message->bytes() > limits::kept_message_bytes_max) return {};
  ErrorDocument document(firing);
  if (action) document.add(*action, {error.code, error.message, error.http_status});
  return json::dump(document.document());
}

void RecentOfRule::failed(const Firing& firing, const Action* action, const Error& error) {
  const Timestamp now = Timestamp::now();
  {
    std::lock_guard lock(mutex_);
    ++failed_;
    if (failures_.size() == limits::failures_kept_max && now.ms - failures_.front().at.ms < limits::failures_kept_for_ms) return;
  }
  Failure failure{.at = now,
                  .action = action ? action->name() : "",
                  .resource = action ? action->resource().substr(0, limits::kept_text_bytes_max) : "",
                  .code = error.code,
                  .message = error.message.substr(0, limits::kept_text_bytes_max),
                  .document = document_of(firing, action, error)};
  std::lock_guard lock(mutex_);
  failure.number = failed_;
  failures_.push_back(std::move(failure));
  if (failures_.size() > limits::failures_kept_max) failures_.pop_front();
}

std::vector<RecentOfRule::Failure> RecentOfRule::failures() const {
  std::lock_guard lock(mutex_);
  return {failures_.rbegin(), failures_.rend()};
}

}  // namespace croft::rules
