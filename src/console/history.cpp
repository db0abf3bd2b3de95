#include "console/history.h"

namespace croft::console {

std::string History::row(const Second& second) {
  const Figures& f = second.figures;
  std::string out = '[' + std::to_string(second.time.ms);
  for (const std::uint64_t number : {f.connected, f.known, f.connects, f.disconnects, f.received, f.delivered})
    out += ',' + std::to_string(number);
  return out + ']';
}

std::string History::add(Timestamp now, const Figures& figures) {
  Second second{now, figures};
  if (!has_before_) before_ = figures;
  second.figures.connects -= before_.connects;
  second.figures.disconnects -= before_.disconnects;
  second.figures.received -= before_.received;
  second.figures.delivered -= before_.delivered;
  before_ = figures;
  has_before_ = true;
  if (seconds_.size() < limits::history_seconds) {
    seconds_.push_back(second);
  } else {
    seconds_[oldest_] = second;
    oldest_ = (oldest_ + 1) % seconds_.size();
  }
  return row(second);
}

std::string History::all() const {
  std::string out = "[";
  for (std::size_t n = 0; n < seconds_.size(); ++n) {
    if (n > 0) out += ',';
    out += row(seconds_[(oldest_ + n) % seconds_.size()]);
  }
  return out + ']';
}

}  // namespace croft::console
