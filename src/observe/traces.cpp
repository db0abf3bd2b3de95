#include "observe/traces.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "observe/histogram.h"
#include "observe/limits.h"
#include "text/digest.h"

namespace croft::trace {

namespace {

constexpr std::size_t ids_at_once = 64;

std::int64_t wall_now_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

// With room for a vector that grows by doubling.
std::size_t bytes_of(const Step& step) { return 2 * sizeof(Step) + step.name.size() + step.detail.size(); }

void append_detail(Step& step, const std::string& detail) {
  if (detail.empty()) return;
  const bool fits = step.detail.size() + detail.size() <= limits::detail_bytes_max;
  if (!step.detail.empty()) step.detail += ',';
  step.detail += fits ? detail : "\"detailCut\":true";
}

void bound(Step& step) {
  if (step.name.size() > limits::step_name_bytes_max) step.name.resize(limits::step_name_bytes_max);
  if (step.detail.size() > limits::detail_bytes_max) step.detail = "\"detailCut\":true";
}

}  // namespace

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, 7> names = {"event", "wait", "rule", "action", "invocation", "call", "write"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 4> names = {"running", "ok", "failed", "skipped"};
  return names[static_cast<std::size_t>(outcome)];
}

Context Context::open(Kind kind, std::string name, std::string detail, std::int64_t began_us) const {
  if (!traces_) return {};
  return add({.kind = kind,
              .outcome = Outcome::running,
              .name = std::move(name),
              .began_us = began_us != 0 ? began_us : metrics::now_us(),
              .detail = std::move(detail)});
}

Context Context::add(Step step) const {
  if (!traces_) return {};
  step.parent = step_;
  const StepNumber number = traces_->add(id_, std::move(step));
  return number == no_step ? Context() : Context(traces_, id_, number);
}

void Context::close(End end) const {
  if (traces_) traces_->close(id_, step_, std::move(end));
}

// A write that a function's code was refused and went on without is no failure of the event.
Outcome Trace::outcome() const {
  bool failed = false, running = !is_finished;
  std::map<StepNumber, Outcome> last_invocation;
  for (const Step& step : steps) {
    running |= step.outcome == Outcome::running;
    if (step.kind == Kind::invocation) last_invocation[step.parent] = step.outcome;
    failed |= step.outcome == Outcome::failed && (step.kind == Kind::rule || step.kind == Kind::action);
  }
  for (const auto& [parent, last] : last_invocation) failed |= last == Outcome::failed;
  return running ? Outcome::running : failed ? Outcome::failed : Outcome::ok;
}

std::int64_t Trace::duration_us() const {
  std::int64_t last = began_us;
  for (const Step& step : steps) last = std::max(last, std::max(step.began_us, step.ended_us));
  return last - began_us;
}

std::size_t Traces::stripe_number(std::string_view client_id) { return std::hash<std::string_view>()(client_id) % stripes; }

// The second of its beginning, eleven random bytes, and one that tells its stripe in the lower half.
Id Traces::new_id(Stripe& stripe, std::size_t number) {
  constexpr std::size_t random_bytes = Id::size - 4;
  if (stripe.random.empty()) stripe.random = text::random_bytes(ids_at_once * random_bytes);
  const auto seconds = static_cast<std::uint32_t>(wall_now_us() / 1'000'000);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(seconds >> shift);
  bytes += stripe.random.substr(stripe.random.size() - random_bytes);
  stripe.random.resize(stripe.random.size() - random_bytes);
  bytes.back() = static_cast<char>((static_cast<unsigned char>(bytes.back()) & 0xf0) | number);
  return Id(bytes);
}

void Traces::drop(Stripe& stripe, Place place) {
  const auto of_client = stripe.by_client.find(place->trace.client_id);
  std::erase(of_client->second, place);
  if (of_client->second.empty()) stripe.by_client.erase(of_client);
  stripe.by_id.erase(place->trace.id);
  stripe.bytes -= place->bytes;
  stripe.kept.erase(place);
}

void Traces::make_room(Stripe& stripe) {
  while (stripe.kept.size() > limits::traces_max / stripes || stripe.bytes > limits::traces_bytes_max / stripes)
    drop(stripe, stripe.kept.begin());
}

void Traces::keep(Stripe& stripe, const Id& id, Beginning beginning) {
  const std::int64_t now_us = metrics::now_us();
  const std::int64_t began_us = beginning.at_us != 0 ? beginning.at_us : now_us;
  std::vector<Place>& of_client = stripe.by_client[std::string(beginning.client_id)];
  of_client.push_back(stripe.kept.insert(stripe.kept.end(), Kept{}));
  Kept& kept = *of_client.back();
  kept.trace = {.id = id,
                .client_id = std::string(beginning.client_id),
                .event = std::string(beginning.event),
                .began_us = began_us,
                .wall_us = wall_now_us() - (now_us - began_us)};
  kept.trace.steps.push_back(
      {.kind = Kind::event, .name = std::string(beginning.step), .began_us = began_us, .detail = std::move(beginning.detail)});
  bound(kept.trace.steps.back());
  kept.bytes = sizeof(Kept) + bytes_of(kept.trace.steps.back());
  stripe.bytes += kept.bytes;
  stripe.by_id.emplace(id, of_client.back());
  if (of_client.size() > limits::traces_of_client_max) drop(stripe, of_client.front());
  make_room(stripe);
}

Context Traces::begin(Beginning beginning) {
  const std::size_t number = stripe_number(beginning.client_id);
  Stripe& stripe = stripes_[number];
  std::lock_guard lock(stripe.mutex);
  const Id id = new_id(stripe, number);
  keep(stripe, id, std::move(beginning));
  return {this, id, 0};
}

Context Traces::resume(const Id& id, Beginning beginning) {
  if (!id) return {};
  Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  if (stripe.by_id.contains(id)) return {this, id, 0};
  const std::string client_id(beginning.client_id);
  if (&stripe != &stripes_[stripe_number(client_id)]) return {};  // no id of begin()
  keep(stripe, id, std::move(beginning));
  stripe.by_id.at(id)->trace.steps.front().ended_us = stripe.by_id.at(id)->trace.began_us;
  stripe.by_id.at(id)->trace.steps.front().outcome = Outcome::ok;
  return {this, id, 0};
}

StepNumber Traces::add(const Id& id, Step step) {
  bound(step);
  Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(id);
  if (found == stripe.by_id.end()) return no_step;
  Kept& kept = *found->second;
  std::vector<Step>& steps = kept.trace.steps;
  if (steps.size() >= limits::steps_max) {
    ++kept.trace.dropped;
    return no_step;
  }
  if (step.parent >= steps.size()) step.parent = 0;
  const std::size_t bytes = bytes_of(step);
  const auto number = static_cast<StepNumber>(steps.size());
  steps.push_back(std::move(step));
  kept.bytes += bytes;
  stripe.bytes += bytes;
  make_room(stripe);
  return number;
}

void Traces::close(const Id& id, StepNumber number, End end) {
  const std::int64_t now_us = metrics::now_us();
  Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(id);
  if (found == stripe.by_id.end() || number >= found->second->trace.steps.size()) return;
  Step& step = found->second->trace.steps[number];
  const std::size_t before = bytes_of(step);
  append_detail(step, end.detail);
  step.outcome = end.outcome;
  step.ended_us = now_us;
  if (end.kind) step.kind = *end.kind;
  found->second->bytes += bytes_of(step) - before;
  stripe.bytes += bytes_of(step) - before;
  make_room(stripe);
}

void Traces::finish(const Id& id) {
  if (!id) return;
  Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(id);
  if (found != stripe.by_id.end()) found->second->trace.is_finished = true;
}

std::optional<Trace> Traces::find(const Id& id) const {
  const Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  const auto found = stripe.by_id.find(id);
  if (found == stripe.by_id.end()) return std::nullopt;
  return found->second->trace;
}

bool Traces::has(const Id& id) const {
  const Stripe& stripe = stripe_of(id);
  std::lock_guard lock(stripe.mutex);
  return stripe.by_id.contains(id);
}

static Trace without_details(const Trace& trace) {
  Trace out = trace;
  for (Step& step : out.steps) step.detail.clear();
  return out;
}

std::vector<Trace> Traces::latest(std::string_view client_id, std::size_t limit) const {
  std::vector<Trace> out;
  for (std::size_t n = 0; n < stripes; ++n) {
    if (!client_id.empty() && n != stripe_number(client_id)) continue;
    const Stripe& stripe = stripes_[n];
    std::lock_guard lock(stripe.mutex);
    std::size_t left = limit;
    for (auto kept = stripe.kept.rbegin(); kept != stripe.kept.rend() && left > 0; ++kept) {
      if (!client_id.empty() && kept->trace.client_id != client_id) continue;
      out.push_back(without_details(kept->trace));
      --left;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Trace& a, const Trace& b) { return a.began_us > b.began_us; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Traces::Figures Traces::figures() const {
  Figures figures;
  for (const Stripe& stripe : stripes_) {
    std::lock_guard lock(stripe.mutex);
    figures.traces += stripe.kept.size();
    figures.clients += stripe.by_client.size();
    figures.bytes += stripe.bytes;
  }
  return figures;
}

}  // namespace croft::trace
