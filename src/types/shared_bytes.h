#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace croft {

// Immutable bytes shared by any number of owners on any thread (message payloads, bodies). Never null inside.
class SharedBytes {
 public:
  SharedBytes() : SharedBytes(std::string()) {}
  explicit SharedBytes(std::string bytes) : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

  std::string_view view() const { return *bytes_; }
  const std::string& str() const { return *bytes_; }
  std::size_t size() const { return bytes_->size(); }
  bool empty() const { return bytes_->empty(); }
  friend bool operator==(const SharedBytes& a, const SharedBytes& b) { return a.view() == b.view(); }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace croft
