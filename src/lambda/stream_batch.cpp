#include "lambda/stream_batch.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "dynamo/streams.h"
#include "text/digest.h"

namespace croft::lambda {

namespace {

std::string time_text(Timestamp time, bool with_fraction) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::string out(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
  if (with_fraction) {
    std::snprintf(text, sizeof text, ".%03d", static_cast<int>(time.ms % 1000));
    out += text;
  }
  return out + "Z";
}

}  // namespace

std::string stream_event(const std::vector<StreamEntry>& batch, const StreamPiece& piece) {
  std::string event = "{\"Records\":[";
  for (std::size_t n = piece.begin; n < piece.end; ++n) {
    if (n > piece.begin) event += ',';
    event += batch[n].json;
  }
  return event += "]}";
}

std::optional<std::size_t> first_failed(const std::vector<StreamEntry>& batch, const StreamPiece& piece,
                                        const std::string& returned) {
  const auto parsed = json::parse(returned.empty() ? "null" : returned);
  if (!parsed) return std::nullopt;
  if (parsed->is_null()) return piece.end;
  if (!parsed->is_object()) return std::nullopt;
  const json::value* failures = json::find(parsed->get_object(), "batchItemFailures");
  if (!failures || failures->is_null()) return piece.end;
  if (!failures->is_array()) return std::nullopt;
  std::size_t first = piece.end;
  for (const json::value& failure : failures->get_array()) {
    const std::string_view id = failure.is_object() ? json::string_or(failure.get_object(), "itemIdentifier", "") : "";
    const auto sequence = dynamo::shown_sequence(id);
    std::size_t n = piece.begin;
    while (n < piece.end && batch[n].sequence != sequence) ++n;
    if (!sequence || n == piece.end) return std::nullopt;
    first = std::min(first, n);
  }
  return first;
}

std::size_t first_fresh(const std::vector<StreamEntry>& batch, const StreamPiece& piece, std::int64_t age_max_s,
                        Timestamp now) {
  std::size_t n = piece.begin;
  while (age_max_s >= 0 && n < piece.end && now.ms - batch[n].time().ms > age_max_s * 1'000) ++n;
  return n;
}

std::string discarded_text(const std::vector<StreamEntry>& batch, const StreamPiece& piece, const DiscardedPiece& why,
                           Timestamp now) {
  const StreamEntry &first = batch[piece.begin], &last = batch[piece.end - 1];
  json::object request{{"requestId", why.request_id.empty() ? text::random_uuid() : why.request_id},
                       {"functionArn", why.function_arn},
                       {"condition", why.condition},
                       {"approximateInvokeCount", why.invocations}};
  json::object out{{"requestContext", std::move(request)}};
  if (why.invocations > 0) {
    json::object response{{"statusCode", 200}, {"executedVersion", "$LATEST"}};
    response["functionError"] = why.function_error.empty() ? json::value(nullptr) : json::value(why.function_error);
    out["responseContext"] = std::move(response);
  }
  out["version"] = "1.0";
  out["timestamp"] = time_text(now, true);
  out["DDBStreamBatchInfo"] = json::object{{"shardId", first.shard},
                                           {"startSequenceNumber", dynamo::shown(first.sequence)},
                                           {"endSequenceNumber", dynamo::shown(last.sequence)},
                                           {"approximateArrivalOfFirstRecord", time_text(first.time(), false)},
                                           {"approximateArrivalOfLastRecord", time_text(last.time(), false)},
                                           {"batchSize", piece.size()},
                                           {"streamArn", why.stream_arn}};
  return json::dump(out);
}

}  // namespace croft::lambda
