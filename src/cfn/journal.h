#pragma once

#include <string>
#include <string_view>

#include "cfn/stack.h"
#include "cfn/stack_store.h"

namespace croft::cfn {

// Every change of a stack's or a resource's status: noted in the row, told as an event and written, in one batch,
// before whatever it announces is done. That is what a later start of croft goes on from.
//
// Threads: the API shard.
class Journal {
 public:
  explicit Journal(const StackStore& store) : store_(store) {}

  // `batch` is written with it.
  void note_stack(Stack& stack, StackStatus status, std::string_view reason = {}, Batch batch = {}) const;
  // `resource` is one of the stack's. Its event shows its physical id and properties.
  void note_resource(Stack& stack, StackResource& resource, ResourceStatus status, std::string_view reason = {}) const;
  // An event about a physical resource that is no longer the row's own; the row is written, its status stays.
  void note_former(Stack& stack, const StackResource& resource, const Made& former, ResourceStatus status,
                   std::string_view reason = {}) const;
  // The row alone, without an event.
  void keep_resource(const Stack& stack, const StackResource& resource) const;
  // Takes the row out of the stack.
  void drop_resource(Stack& stack, const std::string& logical_id) const;

 private:
  const StackStore& store_;
};

}  // namespace croft::cfn
