#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "identity/credentials.h"
#include "store/store.h"
#include "types/instance.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::identity {

// Temporary credentials and whom they stand for.
struct Session {
  Credentials credentials;
  Principal principal;  // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, AROA…:SESSION
  Timestamp expires;
};

struct SessionRequest {
  std::string role_arn;   // arn:aws:iam::ACCOUNT:role[/path]/NAME
  std::string role_id{};  // "" = one made from the ARN, the same each time
  std::string session_name;
  std::chrono::seconds lifetime{3600};
  bool for_function = false;  // as Principal::is_function
};

// The access keys of the account: long-lived ones in Family::registry ("accesskey/ID" -> {"secret", "created"}),
// sessions of roles in memory only, since they need not survive the process that issued them.
//
// Threads: any. Secrets are never logged and leave only through the returned Credentials.
class AccessKeys {
 public:
  // Loads the keys, and creates the account's own (root) key in an empty store.
  AccessKeys(Store& store, Instance instance);

  // The oldest long-lived key: what `croft` prints for its users.
  Credentials root() const;

  // A known key, whether or not its session is over; nothing for an unknown one.
  struct Known {
    Credentials credentials;
    Principal principal;
    std::optional<Timestamp> expires;  // sessions only
  };
  std::optional<Known> find(std::string_view access_key_id) const;
  // The same, if the token is the key's (compared in constant time) and the session is not over at `now`.
  std::optional<Known> find(std::string_view access_key_id, std::string_view session_token, Timestamp now) const;

  // New credentials for a role, for at most sessions_max sessions at once.
  Session issue_session(const SessionRequest& request, Timestamp now);

 private:
  void load();
  void create_root();
  void add_root_key(const Credentials& credentials);
  void make_room(Timestamp now);  // called with the mutex held

  Store& store_;
  const Instance instance_;
  mutable std::mutex mutex_;
  std::map<std::string, Known, std::less<>> keys_;  // long-lived, by id
  std::string root_id_;
  std::map<std::string, Session, std::less<>> sessions_;  // by id
};

// A unique id such as AROA… or ASIA…: the prefix and 16 characters of A-Z, 2-7 made from ten bytes.
std::string unique_id(std::string_view prefix, std::string_view ten_bytes);

}  // namespace croft::identity
