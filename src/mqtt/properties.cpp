#include "mqtt/properties.h"

namespace croft::mqtt {

bool operator==(const Properties& a, const Properties& b) {
  if (!a.block_ && !b.block_) return true;
  const PropertyBlock empty;
  return (a.block_ ? *a.block_ : empty) == (b.block_ ? *b.block_ : empty);
}

}  // namespace croft::mqtt
