#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/store.h"
#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::rules {

// Where rules may send to: a topic rule destination, the row "ruledestination/KIND/UUID" of Family::registry.
struct Destination {
  enum class Status { in_progress, enabled, disabled, error };
  // A web service that has shown that its owner wants messages. Rules name it by this URL.
  struct Http {
    std::string confirmation_url;
  };
  // A network of AWS. croft keeps its names; there is nothing behind them.
  struct Vpc {
    std::vector<std::string> subnet_ids, security_groups;
    std::string vpc_id, role_arn;
  };
  struct InfluxDb {
    std::string endpoint;
    std::string version;  // V2 or V3
    std::string secret_id;
    std::string secret_type;  // "" when the owner named none
    std::string secret_key;
  };
  using Target = std::variant<Http, Vpc, InfluxDb>;

  std::string arn;
  Target target;
  Status status = Status::in_progress;
  std::string status_reason;
  Timestamp created_at, updated_at;
  // Of the confirmation that is awaited: the token's SHA-256 (the token itself is told to the endpoint alone), when it was
  // made, and whether a request was sent with it.
  std::string token_hash;
  Timestamp token_issued;
  bool is_asked = false;

  static std::string_view kind_of(const Target& target);  // http, vpc, influxdb: as in ARNs
  static std::string_view name_of(Status status);         // IN_PROGRESS, ENABLED, ...
};

// The topic rule destinations of this croft. A refusal is AWS's: UnauthorizedException 401 for what is not there.
//
// Threads: any.
class Destinations {
 public:
  using Clock = std::function<Timestamp()>;
  Destinations(Store& store, Instance instance, Clock clock = Timestamp::now);

  // A destination in the status IN_PROGRESS; of a network, ENABLED at once. `arn`: one that arn_for() made, or "".
  // ResourceAlreadyExistsException for a confirmation URL that has one, LimitExceededException.
  Result<Destination> create(Destination::Target target, std::string arn = {});
  Result<Destination> get(std::string_view arn) const;
  std::vector<Destination> list() const;  // by ARN
  Result<void> remove(std::string_view arn);

  // What its owner may set: ENABLED and DISABLED turn into each other, IN_PROGRESS asks for another confirmation.
  // InvalidRequestException for other changes. True when the endpoint has to be asked.
  Result<bool> set_status(std::string_view arn, std::string_view wanted);

  // A new token for an HTTP destination that awaits confirmation; it makes those before it void. Nothing when it is gone or
  // awaits none. It is good for three days.
  std::optional<std::string> issue_token(std::string_view arn);
  // The request with the token was sent. What the endpoint answered, if it did, is told as the status' reason.
  void was_asked(std::string_view arn, const std::string& token, std::optional<int> http_status);
  // The endpoint's owner brings the token. InvalidRequestException.
  Result<void> confirm(std::string_view token);
  // What the check of an InfluxDB endpoint brought.
  void checked(std::string_view arn, bool is_good, std::string reason);
  // Those whose confirmation or check was cut off before it was sent.
  std::vector<std::string> unasked() const;

  // The destination of that confirmation URL.
  std::optional<Destination> at_url(std::string_view confirmation_url) const;
  bool is_full() const;

  // The ARN of a destination of that kind with this UUID.
  std::string arn_for(std::string_view kind, std::string_view uuid) const;
  const Instance& instance() const { return instance_; }

 private:
  using Stored = std::map<std::string, Destination, std::less<>>;

  Error denied(std::string_view arn) const;
  Destination shown(const Destination& stored) const;
  void save(const Destination& destination);
  std::string row_key(const Destination& destination) const;

  Store& store_;
  const Instance instance_;
  const Clock clock_;
  mutable std::mutex mutex_;
  Stored stored_;                                           // by ARN
  std::map<std::string, std::string, std::less<>> by_url_;  // confirmation URL -> ARN
};

}  // namespace croft::rules
