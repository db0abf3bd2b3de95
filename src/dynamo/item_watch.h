#pragma once

#include <string>

#include "dynamo/attribute_value.h"
#include "dynamo/definition.h"

namespace croft::dynamo {

// Somebody who looks on while items change.
//
// Threads: any. It is called while the item is locked, so the changes of one item come in their order, and just
// before readers see them; it calls nothing of Tables and waits for nobody.
class ItemWatch {
 public:
  struct Change {
    const TableDefinition& table;
    const Item* before;  // nullptr: there was none
    const Item* after;   // nullptr: there is none any more
    bool by_ttl;         // the item had expired
  };
  virtual ~ItemWatch() = default;

  // Asked with each write of an item: one load while nobody looks at any table.
  virtual bool wants(const std::string& table) const = 0;
  // A write that changed something.
  virtual void changed(const Change& change) = 0;
};

}  // namespace croft::dynamo
