#include "rules/destinations.h"

#include "observe/log.h"
#include "rules/actions/action_types.h"
#include "rules/destination_limits.h"
#include "rules/destination_row.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::rules {

static constexpr std::string_view row_prefix = "ruledestination/";

std::string_view Destination::kind_of(const Target& target) {
  constexpr std::string_view kinds[] = {"http", "vpc", "influxdb"};
  return kinds[target.index()];
}

std::string_view Destination::name_of(Status status) {
  switch (status) {
    case Status::in_progress: return "IN_PROGRESS";
    case Status::enabled: return "ENABLED";
    case Status::disabled: return "DISABLED";
    case Status::error: break;
  }
  return "ERROR";
}

static std::string hash_of(std::string_view token) {
  return text::hex(text::sha256(token));
}

// The sentences of AWS, as its documentation and its users show them.
static std::string awaiting(Timestamp sent) {
  return "Awaiting confirmation. Confirmation message sent on " + text::iso8601(sent);
}
static constexpr std::string_view no_answer = "; no response received from the endpoint.";

Destinations::Destinations(Store& store, Instance instance, Clock clock)
    : store_(store), instance_(std::move(instance)), clock_(std::move(clock)) {
  for (const Row& row : store.scan(Family::registry, row_prefix, "ruledestination0", SIZE_MAX)) {
    auto document = json::parse(row.value);
    auto destination = document && document->is_object() ? destination_from(document->get_object()) : std::nullopt;
    if (!destination) {
      log::error("rules", "the row " + row.key + " is not a destination and is left alone");
      continue;
    }
    if (const auto* http = std::get_if<Destination::Http>(&destination->target))
      by_url_[http->confirmation_url] = destination->arn;
    stored_[destination->arn] = std::move(*destination);
  }
}

std::string Destinations::arn_for(std::string_view kind, std::string_view uuid) const {
  return instance_.arn("iot", std::string(row_prefix) + std::string(kind) + "/" + std::string(uuid));
}

std::string Destinations::row_key(const Destination& destination) const {
  return destination.arn.substr(destination.arn.find(row_prefix));
}

// Source: AWS's own answer for what was deleted, as clients of AWS wrote it down.
Error Destinations::denied(std::string_view arn) const {
  return {"UnauthorizedException", "Access to TopicRuleDestination '" + std::string(arn) + "' was denied", 401};
}

// A confirmation that never came is noticed when somebody looks. AWS tells ERROR for it and no sentence.
Destination Destinations::shown(const Destination& stored) const {
  Destination out = stored;
  const bool is_late = clock_().ms - stored.token_issued.ms > limits::confirmation_token_life.count();
  if (stored.status == Destination::Status::in_progress && !stored.token_hash.empty() && is_late) {
    out.status = Destination::Status::error;
    out.status_reason = "Confirmation timed out.";
  }
  return out;
}

// The caller holds the mutex.
void Destinations::save(const Destination& destination) {
  Batch batch;
  batch.put(Family::registry, row_key(destination), json::dump(row_of(destination)));
  store_.write(std::move(batch));
}

bool Destinations::is_full() const {
  std::lock_guard lock(mutex_);
  return stored_.size() >= limits::destinations_max;
}

Result<Destination> Destinations::create(Destination::Target target, std::string arn) {
  std::lock_guard lock(mutex_);
  const auto* http = std::get_if<Destination::Http>(&target);
  const auto same = http ? by_url_.find(http->confirmation_url) : by_url_.end();
  const bool is_taken = same != by_url_.end() || stored_.contains(arn);
  if (is_taken) {
    const std::string& taken = same != by_url_.end() ? same->second : arn;
    return Error{"ResourceAlreadyExistsException", "TopicRuleDestination already exists", 409,
                 json::dump(json::object{{"resourceId", taken}, {"resourceArn", taken}})};
  }
  if (stored_.size() >= limits::destinations_max)
    return Error{"LimitExceededException", "The number of topic rule destinations exceeds the limit of 1000.", 410};
  const bool is_vpc = std::holds_alternative<Destination::Vpc>(target);
  Destination made{.arn = arn.empty() ? arn_for(Destination::kind_of(target), text::random_uuid()) : std::move(arn),
                   .target = std::move(target),
                   .status = is_vpc ? Destination::Status::enabled : Destination::Status::in_progress,
                   .created_at = clock_(),
                   .updated_at = clock_()};
  if (const auto* url = std::get_if<Destination::Http>(&made.target)) {
    made.status_reason = awaiting(made.created_at) + std::string(no_answer);
    by_url_[url->confirmation_url] = made.arn;
  }
  save(made);
  stored_[made.arn] = made;
  return made;
}

Result<Destination> Destinations::get(std::string_view arn) const {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end()) return denied(arn);
  return shown(found->second);
}

std::optional<Destination> Destinations::at_url(std::string_view confirmation_url) const {
  std::lock_guard lock(mutex_);
  const auto found = by_url_.find(confirmation_url);
  if (found == by_url_.end()) return std::nullopt;
  return shown(stored_.find(found->second)->second);
}

std::vector<Destination> Destinations::list() const {
  std::lock_guard lock(mutex_);
  std::vector<Destination> all;
  for (const auto& [arn, destination] : stored_) all.push_back(shown(destination));
  return all;
}

Result<void> Destinations::remove(std::string_view arn) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end()) return denied(arn);
  Batch batch;
  batch.erase(Family::registry, row_key(found->second));
  store_.write(std::move(batch));
  if (const auto* http = std::get_if<Destination::Http>(&found->second.target)) by_url_.erase(http->confirmation_url);
  stored_.erase(found);
  return {};
}

// Source: AWS IoT developer guide, "HTTP action destinations". What is asked for twice is no change.
Result<bool> Destinations::set_status(std::string_view arn, std::string_view wanted) {
  using Status = Destination::Status;
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end()) return denied(arn);
  Destination& destination = found->second;
  const bool is_confirmed = destination.status == Status::enabled || destination.status == Status::disabled;
  const bool is_switch = wanted == "ENABLED" || wanted == "DISABLED";
  if (!is_switch && wanted != "IN_PROGRESS")
    return invalid_request("The status of a destination cannot be set to " + std::string(wanted) + ".");
  if (is_switch && !is_confirmed)
    return invalid_request("The status of the destination " + std::string(arn) + " cannot be set to " + std::string(wanted) +
                           " before the destination is confirmed.");
  const bool is_vpc = std::holds_alternative<Destination::Vpc>(destination.target);
  destination.updated_at = clock_();
  destination.status_reason.clear();
  if (is_switch || is_vpc) {
    destination.status = wanted == "DISABLED" ? Status::disabled : Status::enabled;
  } else {
    destination.status = Status::in_progress;
    destination.token_hash.clear();
    destination.is_asked = false;
    if (std::holds_alternative<Destination::Http>(destination.target))
      destination.status_reason = awaiting(destination.updated_at) + std::string(no_answer);
  }
  save(destination);
  return destination.status == Status::in_progress;
}

std::optional<std::string> Destinations::issue_token(std::string_view arn) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end() || found->second.status != Destination::Status::in_progress) return std::nullopt;
  Destination& destination = found->second;
  const std::string token = text::hex(text::random_bytes(limits::confirmation_token_bytes));
  destination.token_hash = hash_of(token);
  destination.token_issued = clock_();
  destination.status_reason = awaiting(destination.token_issued) + std::string(no_answer);
  destination.is_asked = false;
  save(destination);
  return token;
}

// AWS goes on waiting whatever the endpoint answers: the token may still come.
void Destinations::was_asked(std::string_view arn, const std::string& token, std::optional<int> http_status) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end() || found->second.token_hash != hash_of(token)) return;
  Destination& destination = found->second;
  destination.is_asked = true;
  // An endpoint may confirm before it has answered.
  if (destination.status == Destination::Status::in_progress && http_status)
    destination.status_reason = awaiting(destination.token_issued) + ". The destination responded with HTTP status code - " +
                                std::to_string(*http_status) + ".";
  save(destination);
}

// A token may be brought twice: browsers load a page again. It never enables what was disabled since.
Result<void> Destinations::confirm(std::string_view token) {
  const std::string hash = hash_of(token);
  std::lock_guard lock(mutex_);
  for (auto& [arn, destination] : stored_) {
    if (destination.token_hash.empty() || !text::equal_in_constant_time(destination.token_hash, hash)) continue;
    if (destination.status != Destination::Status::in_progress) return {};
    if (shown(destination).status == Destination::Status::error) break;
    destination.status = Destination::Status::enabled;
    destination.status_reason.clear();
    destination.is_asked = true;
    destination.updated_at = clock_();
    save(destination);
    return {};
  }
  return invalid_request("The confirmation token is invalid or has expired.");
}

void Destinations::checked(std::string_view arn, bool is_good, std::string reason) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(arn);
  if (found == stored_.end() || found->second.status != Destination::Status::in_progress) return;
  Destination& destination = found->second;
  destination.status = is_good ? Destination::Status::enabled : Destination::Status::error;
  destination.status_reason = std::move(reason);
  destination.is_asked = true;
  destination.updated_at = clock_();
  save(destination);
}

std::vector<std::string> Destinations::unasked() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> arns;
  for (const auto& [arn, destination] : stored_)
    if (destination.status == Destination::Status::in_progress && !destination.is_asked) arns.push_back(arn);
  return arns;
}

}  // namespace croft::rules
