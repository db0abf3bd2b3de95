#include "console/call_ring.h"

#include "console/call_error.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

// At most so many bytes, and valid UTF-8.
std::string short_text(std::string_view text) {
  return text::is_utf8(text) && text.size() <= limits::call_text_bytes_max ? std::string(text)
                                                                          : text::printable(text, limits::call_text_bytes_max);
}

// Milliseconds with two places.
std::string milliseconds(std::int64_t us) {
  const std::string places = std::to_string(100 + us / 10 % 100).substr(1);
  return std::to_string(us / 1'000) + '.' + places;
}

}  // namespace

void CallRing::add(const gateway::ServedCall& call, Timestamp now) {
  const std::string* agent = call.request.header("user-agent");
  std::string row = ',' + std::to_string(now.ms - call.took_us / 1'000) + ',';
  json::append_string(row, call.service);
  row += ',';
  json::append_string(row, call.operation);
  row += ',' + std::to_string(call.response.status) + ',' + milliseconds(call.took_us) + ',';
  json::append_string(row, agent ? short_text(*agent) : "");
  row += ',';
  json::append_string(row, call.request.peer.address);
  row += ',';
  json::append_string(row, call.request_id);
  row += ',';
  json::append_string(row, short_text(error_code(call.response)));
  row += call.in_process ? ",1]" : ",0]";
  std::lock_guard lock(mutex_);
  const std::size_t place = call.in_process ? limits::calls_max + own_++ % limits::own_calls_max : others_++ % limits::calls_max;
  const std::uint64_t number = others_ + own_;
  inputs_.add(place, number, call);
  log_.add(std::to_string(place), '[' + std::to_string(number) + row);
}

}  // namespace croft::console
