#include "store/store.h"

namespace croft {

void Batch::put(Family family, std::string_view key, std::string_view value) {
  ops_.push_back({Op::Kind::put, family, std::string(key), std::string(value)});
}

void Batch::erase(Family family, std::string_view key) {
  ops_.push_back({Op::Kind::erase, family, std::string(key), {}});
}

void Batch::erase_range(Family family, std::string_view from, std::string_view to) {
  ops_.push_back({Op::Kind::erase_range, family, std::string(from), std::string(to)});
}

void Batch::append(Batch&& other) {
  ops_.insert(ops_.end(), std::make_move_iterator(other.ops_.begin()), std::make_move_iterator(other.ops_.end()));
  other.ops_.clear();
}

}  // namespace croft
