// How an item lies in the store: its counted size, then its attributes, each length first. docs/store.md.
#pragma once

#include <string>
#include <string_view>

#include "dynamo/attribute_value.h"

namespace croft::dynamo {

// `counted` is counted_bytes(item), which every caller has at hand.
std::string encode_item(const Item& item, std::size_t counted);

// Bytes that encode_item() wrote; anything else is a broken store and stops the process.
Item decode_item(std::string_view row);

// The counted size alone, without reading the attributes.
std::size_t counted_bytes_of_row(std::string_view row);

}  // namespace croft::dynamo
