#include "cfn/stack_table.h"

#include <algorithm>

#include "cfn/errors.h"

namespace croft::cfn {

Stack& StackTable::add(Stack stack) {
  auto owned = std::make_unique<Stack>(std::move(stack));
  Stack& added = *owned;
  if (added.status != StackStatus::delete_complete) by_name_[added.name] = &added;
  by_id_[added.id] = std::move(owned);
  return added;
}

void StackTable::erase(const std::string& id) {
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return;
  note_deleted(*it->second);
  by_id_.erase(it);
}

Stack* StackTable::find(std::string_view name_or_id) {
  if (auto it = by_name_.find(name_or_id); it != by_name_.end()) return it->second;
  auto it = by_id_.find(name_or_id);
  return it == by_id_.end() ? nullptr : it->second.get();
}

const Stack* StackTable::find(std::string_view name_or_id) const {
  return const_cast<StackTable*>(this)->find(name_or_id);
}

std::vector<const Stack*> StackTable::list(bool with_deleted) const {
  std::vector<const Stack*> found;
  for (const auto& [id, stack] : by_id_) {
    if (with_deleted || stack->status != StackStatus::delete_complete) found.push_back(stack.get());
  }
  std::stable_sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->created > b->created; });
  return found;
}

std::vector<Stack*> StackTable::all() {
  std::vector<Stack*> found;
  for (auto& [id, stack] : by_id_) found.push_back(stack.get());
  return found;
}

void StackTable::note_deleted(const Stack& stack) {
  auto it = by_name_.find(stack.name);
  if (it != by_name_.end() && it->second == &stack) by_name_.erase(it);
}

std::vector<StackTable::Export> StackTable::exports() const {
  std::vector<Export> found;
  for (const auto& [name, stack] : by_name_) {
    for (const StackOutput& output : stack->outputs) {
      if (!output.export_name.empty()) found.push_back({stack, &output});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Export& a, const Export& b) { return a.output->export_name < b.output->export_name; });
  return found;
}

Result<StackTable::Export> StackTable::find_export(std::string_view name) const {
  for (const auto& [stack_name, stack] : by_name_) {
    for (const StackOutput& output : stack->outputs) {
      if (output.export_name == name) return Export{stack, &output};
    }
  }
  return validation_error("No export named " + std::string(name) + " found");
}

std::vector<std::string> StackTable::importers(std::string_view export_name) const {
  std::vector<std::string> names;
  for (const auto& [name, stack] : by_name_) {
    if (stack->imports.contains(std::string(export_name))) names.push_back(name);
  }
  return names;
}

}  // namespace croft::cfn
