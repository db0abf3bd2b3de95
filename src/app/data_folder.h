#pragma once

#include <string>

namespace croft::app {

// $XDG_DATA_HOME/croft, or ~/.local/share/croft.
std::string default_data_folder();

}  // namespace croft::app
