#pragma once

#include <string>

namespace croft::identity {

struct Tag {
  std::string key;
  std::string value;
};

}  // namespace croft::identity
