#pragma once

#include <string>
#include <string_view>

#include "dynamo/change_log.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::services::dynamodbstreams {

// A place in a shard, which its text holds: nothing is kept for it here.
struct ShardIterator {
  std::string stream_arn;
  std::string shard;
  // Where to read on; `oldest` is as far back as the shard goes, whenever that is asked.
  dynamo::ChangeSequence from = 0;
  Timestamp issued;

  static constexpr dynamo::ChangeSequence oldest = 0;

  std::string text() const;
  // ValidationException for what text() did not write; ExpiredIteratorException.
  static Result<ShardIterator> parse(std::string_view text, Timestamp now);
};

}  // namespace croft::services::dynamodbstreams
