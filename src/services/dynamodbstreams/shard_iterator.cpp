#include "services/dynamodbstreams/shard_iterator.h"

#include <ctime>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "store/big_endian.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services::dynamodbstreams {

namespace {

// As AWS's: the stream's ARN, a version, the rest in base64.
constexpr std::string_view version_mark = "|1|";
constexpr std::size_t seal_bytes = 8, number_bytes = 8;

std::string seal(std::string_view arn, std::string_view place) {
  return text::sha256(std::string(arn).append("|").append(place)).substr(0, seal_bytes);
}

Error invalid() { return dynamo::validation_error("Invalid ShardIterator"); }

std::string time_text(Timestamp time) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return std::string(text, std::strftime(text, sizeof text, "%a %b %d %H:%M:%S UTC %Y", &parts));
}

// Source of the text: that of Kinesis, whose interface this one follows.
Error expired(Timestamp issued, Timestamp now) {
  return {"ExpiredIteratorException",
          "Iterator expired. The iterator was created at time " + time_text(issued) + " while right now it is " +
              time_text(now) + " which is further in the future than the tolerated delay of " +
              std::to_string(dynamo::limits::shard_iterator_ms) + " milliseconds.",
          400};
}

}  // namespace

std::string ShardIterator::text() const {
  std::string place;
  put_big_endian(place, from);
  put_big_endian(place, static_cast<std::uint64_t>(issued.ms));
  place += shard;
  return stream_arn + std::string(version_mark) + text::base64(seal(stream_arn, place) + place);
}

Result<ShardIterator> ShardIterator::parse(std::string_view text, Timestamp now) {
  const std::size_t mark = text.find(version_mark);
  if (mark == std::string_view::npos) return invalid();
  const std::string_view arn = text.substr(0, mark);
  const auto bytes = text::from_base64(text.substr(mark + version_mark.size()));
  if (!bytes || bytes->size() < seal_bytes + 2 * number_bytes) return invalid();
  const std::string_view place = std::string_view(*bytes).substr(seal_bytes);
  if (seal(arn, place) != std::string_view(*bytes).substr(0, seal_bytes)) return invalid();
  ShardIterator out;
  out.stream_arn = arn;
  out.from = big_endian(place.substr(0, number_bytes));
  out.issued = {static_cast<std::int64_t>(big_endian(place.substr(number_bytes, number_bytes)))};
  out.shard = place.substr(2 * number_bytes);
  if (out.text() != text) return invalid();  // base64 has several texts for some bytes
  if (now.ms - out.issued.ms > dynamo::limits::shard_iterator_ms) return expired(out.issued, now);
  return out;
}

}  // namespace croft::services::dynamodbstreams
