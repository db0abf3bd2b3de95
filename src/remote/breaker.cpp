#include "remote/breaker.h"

#include <algorithm>
#include <utility>

#include "remote/limits.h"

namespace croft::remote {

bool Breaker::admits(MonoTime now) {
  std::lock_guard lock(mutex_);
  if (opened_ == 0) return true;
  if (is_trying_ || now < closed_from_) return false;
  is_trying_ = true;
  return true;
}

void Breaker::succeeded() {
  std::lock_guard lock(mutex_);
  failures_ = opened_ = 0;
  is_trying_ = false;
}

void Breaker::failed(MonoTime now) {
  std::lock_guard lock(mutex_);
  const bool was_trial = std::exchange(is_trying_, false);
  if (++failures_ < limits::failures_to_open || (opened_ > 0 && !was_trial)) return;
  const std::int64_t pause = limits::open_first.count() << std::min(opened_, 10u);
  closed_from_ = {now.ms + std::min<std::int64_t>(pause, limits::open_max.count())};
  ++opened_;
}

bool Breaker::is_open() const {
  std::lock_guard lock(mutex_);
  return opened_ > 0;
}

bool RetryQuota::take(int tokens) {
  std::lock_guard lock(mutex_);
  if (tokens_ < 0) tokens_ = limits::retry_tokens_max;
  if (tokens_ < tokens) return false;
  tokens_ -= tokens;
  return true;
}

void RetryQuota::give(int tokens) {
  std::lock_guard lock(mutex_);
  if (tokens_ >= 0) tokens_ = std::min(tokens_ + tokens, limits::retry_tokens_max);
}

}  // namespace croft::remote
