#include "lambda/recent_invocations.h"

#include "lambda/limits.h"

namespace croft::lambda {

static std::size_t bytes_of(const PastInvocation& one) {
  return sizeof one + one.request_id.size() + one.source.size() + one.event.size() + one.answer.size();
}

void RecentInvocations::add(const std::string& function, PastInvocation invocation) {
  Kept& kept = kept_[function];
  ++kept.totals.invocations;
  if (!invocation.failure.empty()) ++kept.totals.errors;
  kept.totals.last_at = invocation.at;
  invocation.sequence = ++newest_;
  invocation.event_bytes = invocation.event.size();
  if (invocation.event.size() > limits::kept_event_bytes_max) invocation.event = {};
  invocation.answer_is_cut = invocation.answer.size() > limits::kept_answer_bytes_max;
  if (invocation.answer_is_cut) invocation.answer = invocation.answer.substr(0, limits::kept_answer_bytes_max);
  bytes_ += bytes_of(invocation);
  if (kept.invocations.empty()) oldest_[invocation.sequence] = function;
  kept.invocations.push_back(std::move(invocation));
  if (kept.invocations.size() > limits::invocations_kept_max) drop_oldest(kept);
  while (bytes_ > limits::invocations_bytes_max && !oldest_.empty()) drop_oldest(kept_[oldest_.begin()->second]);
}

void RecentInvocations::add_throttle(const std::string& function) { ++kept_[function].totals.throttles; }

void RecentInvocations::drop_oldest(Kept& kept) {
  const PastInvocation& first = kept.invocations.front();
  bytes_ -= bytes_of(first);
  auto name = oldest_.extract(first.sequence);
  kept.invocations.pop_front();
  if (kept.invocations.empty()) return;
  name.key() = kept.invocations.front().sequence;
  oldest_.insert(std::move(name));
}

std::vector<PastInvocation> RecentInvocations::read(const std::string& function, std::uint64_t after_sequence) const {
  const auto found = kept_.find(function);
  if (found == kept_.end()) return {};
  std::vector<PastInvocation> out;
  for (const PastInvocation& one : found->second.invocations)
    if (one.sequence > after_sequence) out.push_back(one);
  return out;
}

RecentInvocations::Totals RecentInvocations::totals(const std::string& function) const {
  const auto found = kept_.find(function);
  return found == kept_.end() ? Totals{} : found->second.totals;
}

void RecentInvocations::erase(const std::string& function) {
  const auto found = kept_.find(function);
  if (found == kept_.end()) return;
  while (!found->second.invocations.empty()) drop_oldest(found->second);
  kept_.erase(found);
}

}  // namespace croft::lambda
