// What SQS's callers give as text: receipt handles, attributes of queues and messages, bodies. The input is lines: a handle, an
// attribute's name and its value, a message attribute's type and value; the rest is a body. Handles that are taken read back
// the same; a definition that is accepted reads back from its row; so does a message.
#include <cstdint>
#include <string>
#include <string_view>

#include "sqs/message_rules.h"
#include "sqs/receipt.h"
#include "types/assert.h"

namespace {

using namespace croft;
using namespace croft::sqs;

std::string take_line(std::string_view& input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  std::string line(input.substr(0, end));
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

void check_definition(const std::string& name, const std::string& value) {
  static const Instance instance;
  QueueDefinition dead;
  dead.name = "dead";
  const FindQueue find = [&dead](std::string_view wanted) { return wanted == dead.name ? &dead : nullptr; };
  for (const char* queue : {"q", "q.fifo"}) {
    QueueDefinition definition;
    definition.name = queue;
    if (!set_attributes(definition, {{name, value}}, {instance, find, true})) continue;
    const auto back = QueueDefinition::from_row(queue, definition.to_row());
    CROFT_ASSERT(back && back->to_row() == definition.to_row());
    definition.settings();
    CROFT_ASSERT(set_attributes(definition, definition.attributes, {instance, find, true}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string handle = take_line(input);
  if (const auto receipt = Receipt::parse(handle)) CROFT_ASSERT(receipt->handle() == handle);
  const std::string name = take_line(input), value = take_line(input);
  check_definition(name, value);
  const std::string type = take_line(input), text = take_line(input);
  Message message{.id = "id",
                  .body = std::string(input),
                  .attributes = {{"a", type, type.starts_with("Binary"), text}},
                  .group_id = name,
                  .deduplication_id = text};
  CROFT_ASSERT(decoded_message(encoded(message)) == message);
  decoded_message(input);
  if (check_content(message)) {
    QueueSettings settings;
    settings.fifo = true;
    check_for_queue(message, {}, settings);
  }
  return 0;
}
