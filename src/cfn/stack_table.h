#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/stack.h"
#include "types/result.h"

namespace croft::cfn {

// All stacks, deleted ones of late included. Their addresses stay while they are in the table.
//
// Threads: the API shard.
class StackTable {
 public:
  Stack& add(Stack stack);
  void erase(const std::string& id);

  // By id, or the stack of that name that is not deleted.
  Stack* find(std::string_view name_or_id);
  const Stack* find(std::string_view name_or_id) const;
  // Newest first; `with_deleted` false leaves DELETE_COMPLETE out.
  std::vector<const Stack*> list(bool with_deleted) const;
  std::vector<Stack*> all();
  std::size_t live_count() const { return by_name_.size(); }
  // The name is free again.
  void note_deleted(const Stack& stack);

  struct Export {
    const Stack* stack;
    const StackOutput* output;
  };
  std::vector<Export> exports() const;  // by name
  // ValidationError "No export named X found".
  Result<Export> find_export(std::string_view name) const;
  std::vector<std::string> importers(std::string_view export_name) const;  // names of stacks

 private:
  std::map<std::string, std::unique_ptr<Stack>, std::less<>> by_id_;
  std::map<std::string, Stack*, std::less<>> by_name_;
};

}  // namespace croft::cfn
