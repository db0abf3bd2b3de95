#include "cfn/physical_name.h"

#include <algorithm>

#include "text/encoding.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

constexpr std::size_t random_letters = 12;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string letters_of(std::string_view random) {
  std::string letters;
  for (char c : random.substr(0, random_letters)) {
    letters += alphabet[static_cast<unsigned char>(c) % alphabet.size()];
  }
  return letters;
}

}  // namespace

std::string physical_name(const NameRule& rule, std::string_view stack_name, std::string_view logical_id,
                          std::string_view random) {
  CROFT_ASSERT(random.size() >= random_letters && rule.length_max > random_letters + 4);
  const bool is_word = rule.letters == NameRule::Letters::word;
  const std::string separator = is_word ? "_" : "-";
  const std::size_t room = rule.length_max - random_letters - 2;
  // The stack's name gives way first, down to half of the room.
  const std::size_t stack_room = std::max(room / 2, room - std::min(room, logical_id.size()));
  const std::string stack(stack_name.substr(0, stack_room));
  const std::string logical(logical_id.substr(0, room - stack.size()));

  std::string name = stack + separator + logical + separator + letters_of(random);
  if (is_word) std::replace(name.begin(), name.end(), '-', '_');
  return rule.letters == NameRule::Letters::lower_case ? text::lower(name) : name;
}

}  // namespace croft::cfn
