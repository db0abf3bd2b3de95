#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfn/change_set.h"
#include "cfn/stack.h"
#include "store/store.h"

namespace croft::cfn {

// The rows of Family::stacks. For the stack with UUID u:
//   h/u  the stack      s/u/now, s/u/before  its sources      r/u/LOGICAL-ID  a resource
//   e/u/SEQUENCE (16 hex digits)  an event      c/u/CHANGE-SET-UUID  a change set
// Writes go through a Batch, so that what belongs together is stored together.
//
// Threads: any.
class StackStore {
 public:
  explicit StackStore(Store& store) : store_(store) {}

  std::vector<Stack> stacks() const;           // whole, by UUID
  std::vector<ChangeSet> change_sets() const;  // of all stacks

  void put_stack(Batch& batch, const Stack& stack) const;
  // The source and, if there is one, the previous source.
  void put_sources(Batch& batch, const Stack& stack) const;
  void put_resource(Batch& batch, const Stack& stack, const StackResource& resource) const;
  void erase_resource(Batch& batch, const Stack& stack, std::string_view logical_id) const;
  void put_change_set(Batch& batch, const ChangeSet& change_set) const;
  void erase_change_set(Batch& batch, const ChangeSet& change_set) const;
  // Takes the stack's next sequence number, which put_stack() has to store in the same batch. The oldest event beyond
  // events_max goes.
  void append_event(Batch& batch, Stack& stack, const StackEvent& event) const;
  // Everything of the stack.
  void erase_stack(Batch& batch, const Stack& stack) const;

  struct EventPage {
    std::vector<StackEvent> events;  // newest first
    std::uint64_t next = 0;          // the sequence to go on below; 0: that was the last page
  };
  // Events whose sequence is below `below`.
  EventPage events(const Stack& stack, std::uint64_t below, std::size_t limit) const;

  void write(Batch batch) const { store_.write(std::move(batch)); }
  Task<void> durable() const;

 private:
  Store& store_;
};

}  // namespace croft::cfn
