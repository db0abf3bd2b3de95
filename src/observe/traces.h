#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "observe/trace_detail.h"
#include "observe/trace_id.h"

namespace croft::trace {

enum class Kind : std::uint8_t { event, wait, rule, action, invocation, call, write };
enum class Outcome : std::uint8_t { running, ok, failed, skipped };
std::string_view name(Kind kind);        // "event", …
std::string_view name(Outcome outcome);  // "running", …

// One thing that was done, or waited for, on the way of a lifecycle event.
struct Step {
  Kind kind = Kind::event;
  Outcome outcome = Outcome::running;
  StepNumber parent = no_step;
  std::string name;
  std::int64_t began_us = 0;  // metrics::now_us()
  std::int64_t ended_us = 0;
  std::string detail;  // members of a JSON object, see Detail
};

// How a step ended.
struct End {
  Outcome outcome = Outcome::ok;
  std::string detail{};         // added to what the step has
  std::optional<Kind> kind{};   // the step turned out to be of this kind
};
class Traces;

// Where in which trace something happens: handed along with the work, a message, a firing, an invocation. Empty for what is
// not traced; everything is a no-op then, at the cost of a branch.
class Context {
 public:
  Context() = default;
  Context(Traces* traces, const Id& id, StepNumber step) : traces_(id ? traces : nullptr), id_(id), step_(step) {}

  explicit operator bool() const { return traces_ != nullptr; }
  const Id& id() const { return id_; }
  StepNumber step() const { return step_; }
  // For X-Amzn-Trace-Id; "" for an empty one.
  std::string header() const { return traces_ ? Header{id_, step_}.text() : std::string(); }

  // A step below this one that goes on; `began_us` 0 = now.
  Context open(Kind kind, std::string name, std::string detail = {}, std::int64_t began_us = 0) const;
  // Ends the step of this context.
  void close(End end) const;
  // A step below this one that is over.
  Context add(Step step) const;

 private:
  Traces* traces_ = nullptr;
  Id id_;
  StepNumber step_ = no_step;
};

// One trace as it is now; a copy.
struct Trace {
  Id id;
  std::string client_id;
  std::string event;           // "connected", …
  std::int64_t began_us = 0;   // metrics::now_us()
  std::int64_t wall_us = 0;    // the same moment since 1970
  bool is_finished = false;    // the rules are done with the event
  std::uint32_t dropped = 0;   // steps over limits::steps_max
  std::vector<Step> steps{};

  // running while anything is; failed when a rule or an action failed, or the last invocation of one caller.
  Outcome outcome() const;
  std::int64_t duration_us() const;  // until its last end so far
};

// The ways of the latest lifecycle events, from the socket to the row: the last 20 of a client, 5,000 in all (limits.h). The
// oldest makes room. Its steps come from whoever does them; those of a trace that is gone are dropped.
//
// Threads: any. Cost: one striped mutex and about a microsecond a step. In memory only; an event's id is kept in its row of
// the outbox, so that its trace goes on after a crash (see resume()).
class Traces {
 public:
  struct Beginning {
    std::string_view client_id;
    std::string_view event;
    std::string_view step;  // name of step 0
    std::string detail{};
    std::int64_t at_us = 0;  // metrics::now_us()
  };
  // A new trace with its first step, number 0, which goes on.
  Context begin(Beginning beginning);
  // The trace of an event that an earlier process, or this one long ago, left: as it is, or begun again under its id.
  Context resume(const Id& id, Beginning beginning);
  Context at(const Id& id, StepNumber step = 0) { return {this, id, step}; }
  // The rules are done with the event.
  void finish(const Id& id);

  std::optional<Trace> find(const Id& id) const;
  bool has(const Id& id) const;
  // Newest first, without steps' details; of all clients for "".
  std::vector<Trace> latest(std::string_view client_id, std::size_t limit) const;

  struct Figures {
    std::size_t traces = 0, clients = 0, bytes = 0;
  };
  Figures figures() const;

 private:
  friend class Context;
  static constexpr std::size_t stripes = 16;

  struct Kept {
    Trace trace;
    std::size_t bytes = 0;
  };
  using Place = std::list<Kept>::iterator;
  struct Stripe {
    mutable std::mutex mutex;
    std::list<Kept> kept;  // oldest first
    std::unordered_map<Id, Place, IdHash> by_id;
    std::unordered_map<std::string, std::vector<Place>> by_client;  // oldest first
    std::size_t bytes = 0;
    std::string random;  // not used yet
  };

  StepNumber add(const Id& id, Step step);
  void close(const Id& id, StepNumber step, End end);
  // Which stripe an id is in is told by its last byte, so that all traces of a client are in one.
  Stripe& stripe_of(const Id& id) { return stripes_[static_cast<unsigned char>(id.bytes().back()) % stripes]; }
  const Stripe& stripe_of(const Id& id) const { return const_cast<Traces*>(this)->stripe_of(id); }
  static std::size_t stripe_number(std::string_view client_id);
  static Id new_id(Stripe& stripe, std::size_t number);
  static void keep(Stripe& stripe, const Id& id, Beginning beginning);
  static void make_room(Stripe& stripe);
  static void drop(Stripe& stripe, Place place);

  std::array<Stripe, stripes> stripes_;
};

// How a step ended whose result that is: failed with its error, or ok.
template <class T>
End end_of(const Result<T>& result) {
  if (result) return {};
  return {.outcome = Outcome::failed, .detail = Detail().error(result.error().code, result.error().message).take()};
}

}  // namespace croft::trace
