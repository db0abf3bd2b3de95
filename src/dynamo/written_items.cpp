#include "dynamo/written_items.h"

#include "dynamo/attribute_json.h"
#include "observe/limits.h"
#include "observe/trace_detail.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t told_bytes_max = trace::limits::detail_bytes_max - 1024;

std::string text_of(const std::optional<Item>& item) {
  if (!item) return "null";
  std::string text;
  append_json(text, *item);
  return text;
}

}  // namespace

std::string detail_of(const WrittenItems& items) {
  std::string list;
  std::size_t told = 0;
  for (const WrittenItem& item : items) {
    trace::Detail one;
    one.text("table", item.table).json("key", text_of(item.key));
    one.json("before", text_of(item.before)).json("after", text_of(item.after));
    const std::string members = one.take();
    if (list.size() + members.size() > told_bytes_max) break;
    list += (told++ > 0 ? ",{" : "{") + members + '}';
  }
  std::string detail = "\"items\":[" + list + ']';
  if (told < items.size()) detail += ",\"itemsLeftOut\":" + std::to_string(items.size() - told);
  return detail;
}

}  // namespace croft::dynamo
