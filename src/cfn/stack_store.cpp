#include "cfn/stack_store.h"

#include <cstdio>

#include "cfn/limits.h"
#include "cfn/stack_rows.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

std::string key(char kind, std::string_view uuid, std::string_view rest = {}) {
  std::string k = std::string(1, kind) + "/" + std::string(uuid);
  if (!rest.empty()) k += "/" + std::string(rest);
  return k;
}

std::string sequence_text(std::uint64_t sequence) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(sequence));
  return digits;
}

std::string_view uuid_of(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

// What comes after every key that starts with "K/".
std::string end_of(char kind) { return std::string(1, kind) + "0"; }

json::object parsed(std::string_view text) {
  auto row = json::parse(text);
  CROFT_ASSERT(row && row->is_object());
  return std::move(row->get_object());
}

}  // namespace

std::vector<Stack> StackStore::stacks() const {
  std::vector<Stack> found;
  store_.visit(Family::stacks, "h/", end_of('h'), false, [&](std::string_view, std::string_view value) {
    found.push_back(stack_of(parsed(value)));
    return true;
  });
  for (Stack& stack : found) {
    auto source = store_.get(Family::stacks, key('s', stack.uuid(), "now"));
    if (source) stack.source = source_of(parsed(*source));
    auto previous = store_.get(Family::stacks, key('s', stack.uuid(), "before"));
    if (previous) stack.previous = source_of(parsed(*previous));
    const std::string first = key('r', stack.uuid()) + "/";
    store_.visit(Family::stacks, first, key('r', stack.uuid()) + "0", false,
                 [&](std::string_view, std::string_view value) {
                   stack.resources.push_back(resource_of(parsed(value)));
                   return true;
                 });
  }
  return found;
}

std::vector<ChangeSet> StackStore::change_sets() const {
  std::vector<ChangeSet> found;
  store_.visit(Family::stacks, "c/", end_of('c'), false, [&](std::string_view, std::string_view value) {
    found.push_back(change_set_of(parsed(value)));
    return true;
  });
  return found;
}

void StackStore::put_stack(Batch& batch, const Stack& stack) const {
  batch.put(Family::stacks, key('h', stack.uuid()), json::dump(to_row(stack)));
}

void StackStore::put_sources(Batch& batch, const Stack& stack) const {
  batch.put(Family::stacks, key('s', stack.uuid(), "now"), json::dump(to_row(stack.source)));
  const std::string before = key('s', stack.uuid(), "before");
  if (stack.previous) batch.put(Family::stacks, before, json::dump(to_row(*stack.previous)));
  else batch.erase(Family::stacks, before);
}

void StackStore::put_resource(Batch& batch, const Stack& stack, const StackResource& resource) const {
  batch.put(Family::stacks, key('r', stack.uuid(), resource.logical_id), json::dump(to_row(resource)));
}

void StackStore::erase_resource(Batch& batch, const Stack& stack, std::string_view logical_id) const {
  batch.erase(Family::stacks, key('r', stack.uuid(), logical_id));
}

void StackStore::put_change_set(Batch& batch, const ChangeSet& change_set) const {
  batch.put(Family::stacks, key('c', uuid_of(change_set.stack_id), uuid_of(change_set.id)),
            json::dump(to_row(change_set)));
}

void StackStore::erase_change_set(Batch& batch, const ChangeSet& change_set) const {
  batch.erase(Family::stacks, key('c', uuid_of(change_set.stack_id), uuid_of(change_set.id)));
}

void StackStore::append_event(Batch& batch, Stack& stack, const StackEvent& event) const {
  const std::uint64_t sequence = stack.next_event++;
  batch.put(Family::stacks, key('e', stack.uuid(), sequence_text(sequence)), json::dump(to_row(event)));
  if (sequence >= events_max) {
    batch.erase(Family::stacks, key('e', stack.uuid(), sequence_text(sequence - events_max)));
  }
}

void StackStore::erase_stack(Batch& batch, const Stack& stack) const {
  batch.erase(Family::stacks, key('h', stack.uuid()));
  for (char kind : {'s', 'r', 'e', 'c'}) {
    batch.erase_range(Family::stacks, key(kind, stack.uuid()) + "/", key(kind, stack.uuid()) + "0");
  }
}

StackStore::EventPage StackStore::events(const Stack& stack, std::uint64_t below, std::size_t limit) const {
  const std::string first = key('e', stack.uuid()) + "/";
  const std::vector<Row> rows = store_.scan(Family::stacks, first, first + sequence_text(below), limit + 1, true);
  EventPage page;
  for (const Row& row : rows) {
    if (page.events.size() == limit) {
      page.next = std::stoull(row.key.substr(first.size()), nullptr, 16) + 1;
      break;
    }
    page.events.push_back(event_of(parsed(row.value)));
  }
  return page;
}

Task<void> StackStore::durable() const { co_await store_.durable(); }

}  // namespace croft::cfn
