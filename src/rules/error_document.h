#pragma once

#include "rules/firing.h"
#include "text/json.h"

namespace croft::rules {

// What the error action of a rule gets about one message. Source: AWS IoT developer guide, "Error handling (error action)"
// and "Error Actions for Batching".
class ErrorDocument {
 public:
  explicit ErrorDocument(const Firing& firing) : firing_(firing) {}

  void add(const Action& action, const Error& error);
  // Nothing failed, or what failed is told with another message of the same batch.
  bool empty() const { return failures_.empty(); }
  json::object document() const;

 private:
  const Firing& firing_;
  json::array failures_;
  json::array payloads_;  // of the batches that failed; empty without one
  std::int64_t own_id_ = 1;
  bool is_across_topics_ = false;
};

// One message of a batch as the document of a failed batch tells it; with its topic where a batch has several.
json::object payload_with_metadata(const Firing& firing, bool is_across_topics);

// The error of the message at `index` of a failed batch. That of the first one tells about all of them, so that there is one
// document; the others are silent.
Error failure_in_batch(Error error, const json::array& payloads, std::size_t index, bool is_across_topics);

}  // namespace croft::rules
