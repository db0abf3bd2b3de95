#pragma once

#include <string>
#include <string_view>

namespace croft::net {

// Bytes that wait for a socket: appended at the end, taken from the front without moving the rest each time. Empty, it
// holds no memory worth speaking of.
class ByteQueue {
 public:
  bool empty() const { return begin_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - begin_; }
  const char* data() const { return bytes_.data() + begin_; }
  void append(std::string_view bytes) { bytes_.append(bytes); }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == bytes_.size()) clear();
    else if (begin_ > bytes_.size() / 2) {  // each byte is moved once at most, on the average
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
  }
  void clear() {
    std::string().swap(bytes_);
    begin_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace croft::net
