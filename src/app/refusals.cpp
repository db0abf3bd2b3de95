#include "app/refusals.h"

namespace croft::app {

namespace {

constexpr std::size_t text_bytes_max = 512;
constexpr std::size_t looked_at_max = 20;

void cut(std::string& text) {
  if (text.size() > text_bytes_max) text.resize(text_bytes_max);
  text.shrink_to_fit();
}

// What one refusal can cost is bounded here, whoever reports it.
void bound(Refusal& refusal) {
  for (std::string* text :
       {&refusal.action, &refusal.resource, &refusal.principal, &refusal.address, &refusal.policy, &refusal.sid, &refusal.why})
    cut(*text);
  if (refusal.looked_at.size() > looked_at_max) refusal.looked_at.resize(looked_at_max);
  for (std::string& name : refusal.looked_at) cut(name);
}

bool is_the_same(const Refusal& a, const Refusal& b) {
  return a.action == b.action && a.resource == b.resource && a.principal == b.principal && a.address == b.address &&
         a.decision == b.decision && a.policy == b.policy && a.statement == b.statement && a.looked_at == b.looked_at &&
         a.why == b.why;
}

std::string_view name_of(Refusal::Decision decision) {
  switch (decision) {
    case Refusal::Decision::explicit_deny:
      return "EXPLICIT_DENY";
    case Refusal::Decision::implicit_deny:
      return "IMPLICIT_DENY";
    case Refusal::Decision::refused:
      break;
  }
  return "REFUSED";
}

}  // namespace

std::string Refusal::sentence() const {
  if (decision == Decision::refused) return why;
  if (decision == Decision::explicit_deny) {
    const std::string name = sid.empty() ? std::string() : " (\"" + sid + "\")";
    return "statement " + std::to_string(statement) + name + " of policy " + policy + " denies it";
  }
  if (looked_at.empty()) return "no policy is attached to the principal";
  std::string names;
  for (const std::string& name : looked_at) names += (names.empty() ? "" : ", ") + name;
  return "no statement allows it; policies looked at: " + names;
}

json::object describe(const Refusal& refusal) {
  json::array looked_at(refusal.looked_at.begin(), refusal.looked_at.end());
  json::object out{{"time", refusal.time.ms},          {"action", refusal.action},     {"resource", refusal.resource},
                   {"principal", refusal.principal},   {"ipAddress", refusal.address}, {"decision", name_of(refusal.decision)},
                   {"policies", std::move(looked_at)}, {"reason", refusal.sentence()}, {"count", refusal.count}};
  if (refusal.decision == Refusal::Decision::explicit_deny) {
    out["policy"] = refusal.policy;
    out["statement"] = refusal.statement;
    if (!refusal.sid.empty()) out["sid"] = refusal.sid;
  }
  return out;
}

bool Refusals::add(std::string_view subject, Refusal refusal) {
  bound(refusal);
  if (refusal.time.ms == 0) refusal.time = Timestamp::now();
  std::lock_guard lock(mutex_);
  auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) {
    if (entries_.size() >= subjects_max_) {
      by_subject_.erase(entries_.front().subject);
      entries_.pop_front();
    }
    entries_.push_back({std::string(subject), {}});
    found = by_subject_.emplace(entries_.back().subject, std::prev(entries_.end())).first;
  }
  entries_.splice(entries_.end(), entries_, found->second);
  std::deque<Refusal>& refusals = found->second->refusals;
  if (!refusals.empty() && is_the_same(refusals.back(), refusal)) {
    refusals.back().time = refusal.time;
    ++refusals.back().count;
    return false;
  }
  if (refusals.size() >= each_max_) refusals.pop_front();
  refusals.push_back(std::move(refusal));
  return true;
}

std::vector<Refusal> Refusals::of(std::string_view subject) const {
  std::lock_guard lock(mutex_);
  const auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) return {};
  return {found->second->refusals.begin(), found->second->refusals.end()};
}

std::vector<std::pair<std::string, Refusal>> Refusals::latest(std::size_t limit) const {
  std::vector<std::pair<std::string, Refusal>> found;
  std::lock_guard lock(mutex_);
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < limit; ++entry)
    found.emplace_back(entry->subject, entry->refusals.back());
  return found;
}

std::size_t Refusals::subjects() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace croft::app
