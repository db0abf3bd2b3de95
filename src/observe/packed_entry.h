#pragma once

#include <string>
#include <string_view>

#include "observe/timelines.h"

namespace croft::trace {

// An entry as bytes, several of which may lie one behind the other. A connect takes about 60: the words that details are made
// of are one byte each.
std::string packed(const TimelineEntry& entry);
// Takes the first entry from the front of `bytes`, which begin with one.
TimelineEntry take_entry(std::string_view& bytes);

}  // namespace croft::trace
