#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dynamo/change_log.h"
#include "text/json.h"
#include "types/timestamp.h"

namespace croft::lambda {

// A change on its way to a function.
struct StreamEntry {
  dynamo::ChangeSequence sequence = 0;
  std::string shard{};
  std::string json{};  // the record

  Timestamp time() const { return dynamo::time_of(sequence); }
};

// Entries [begin, end) of a batch that are still to be delivered, and how often that was tried in vain.
struct StreamPiece {
  std::size_t begin = 0, end = 0;
  std::int64_t attempts = 0;

  std::size_t size() const { return end - begin; }
};

// The event of a function. Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", example event.
std::string stream_event(const std::vector<StreamEntry>& batch, const StreamPiece& piece);

// The first entry that a function was not done with, from what it returned: `piece.end` when it is done with all; nothing
// when it is done with none, because the report cannot be read or names what was not in the batch.
// Source: the same, "Configuring partial batch response with DynamoDB and Lambda".
std::optional<std::size_t> first_failed(const std::vector<StreamEntry>& batch, const StreamPiece& piece,
                                        const std::string& returned);

// The first entry of a piece that is not older than `age_max_s` (-1: none is too old); piece.end when all are.
std::size_t first_fresh(const std::vector<StreamEntry>& batch, const StreamPiece& piece, std::int64_t age_max_s,
                        Timestamp now = Timestamp::now());

// What the destination for failed batches is told. Source: the same, "Retaining discarded records", example record.
struct DiscardedPiece {
  std::string condition;  // RetryAttemptsExhausted, RecordAgeExceeded
  std::string function_arn, stream_arn;
  std::string request_id;       // of the last attempt; "" = there was none
  std::string function_error;   // its outcome; "" = the function reported failed items
  std::int64_t invocations = 0;
};
std::string discarded_text(const std::vector<StreamEntry>& batch, const StreamPiece& piece, const DiscardedPiece& why,
                           Timestamp now);

}  // namespace croft::lambda
