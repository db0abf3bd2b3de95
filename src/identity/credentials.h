#pragma once

#include <string>

namespace croft::identity {

// What a client signs with. The secret and the token are never logged.
struct Credentials {
  std::string access_key_id;  // AKIA… for good, ASIA… for a session
  std::string secret_access_key;
  std::string session_token{};  // "" unless a session
};

// Whom an access key stands for.
struct Principal {
  std::string access_key_id;
  std::string arn;
  std::string user_id;
  bool is_function = false;  // the session was given to a function's worker
};

}  // namespace croft::identity
