#include "cli/tables_output.h"

#include "cli/tables_plain.h"
#include "cli/terminal.h"

namespace croft::cli {

void ItemOutput::add(const json::object& item) {
  ++size_;
  if (format_.json) print_line(json_line(item));
  else if (format_.plain) print_line(without_controls(plain_json(item)));
  else view_.add(item);
}

void ItemOutput::finish(const std::string& empty) const {
  if (format_.json || format_.plain) return;
  if (size_ == 0) return print_line(empty);
  std::vector<std::string> left_out;
  print_line(view_.text(format_.width, left_out));
  if (left_out.empty()) return;
  std::string names;
  for (const std::string& name : left_out) names += (names.empty() ? "" : ", ") + shown(name);
  print_line(painted(Colour::dim, "Not shown for want of room: " + names + " (--columns chooses, --plain has all)"));
}

}  // namespace croft::cli
