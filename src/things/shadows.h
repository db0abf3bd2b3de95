#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"
#include "things/shadow_document.h"

namespace croft::things {

struct ShadowId {
  std::string thing;
  std::string name;  // "" for the classic one
};

// InvalidRequestException in the words of AWS's request validation.
Result<void> check_shadow_id(const ShadowId& id);

// The device shadows: rows "shadow/THING/NAME" of Family::registry. A thing need not be registered to have some, and keeps
// them when it is deleted, as in AWS. A write is visible when its function returns; who tells of it awaits the disk first.
//
// Threads: any. Cost: a point read, for a write a second one, and the JSON of at most 8 KB and its metadata.
class Shadows {
 public:
  // Forgets the versions of shadows that were deleted long ago.
  explicit Shadows(Store& store);

  // ResourceNotFoundException.
  Result<Shadow> get(const ShadowId& id) const;
  // What GetThingShadow answers now.
  Result<std::string> document(const ShadowId& id) const;

  struct Change {
    Shadow before, after;
  };
  // The errors of updated().
  Result<Change> update(const ShadowId& id, const ShadowUpdate& update, Timestamp now);
  // What was deleted.
  Result<Shadow> erase(const ShadowId& id, Timestamp now);
  // Of named shadows, in order, behind `after`.
  std::vector<std::string> names(std::string_view thing, std::string_view after, std::size_t limit) const;

 private:
  static constexpr std::size_t stripes = 64;

  Shadow load(const std::string& key, Timestamp now) const;
  std::mutex& mutex_of(const std::string& key) { return mutexes_[std::hash<std::string>()(key) % stripes]; }

  Store& store_;
  std::array<std::mutex, stripes> mutexes_;  // each makes the read-modify-write of its rows one step
};

}  // namespace croft::things
