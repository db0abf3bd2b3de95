#pragma once

#include "console/sessions.h"
#include "console/users.h"
#include "gateway/service.h"
#include "shard/pool.h"
#include "store/store.h"
#include "types/instance.h"

namespace croft::console {

// What `croft users` asks, as operations of croft's own service, so that a signature of the account itself is demanded:
// ListUsers, CreateUser (Name, Role, Password), DeleteUser (Name), SetUserPassword (Name, Password), SetUserRole (Name, Role).
// Answered when the change is durable; sessions of the user end with each change. The store belongs to the running croft, so
// asking it is the one way there is.
struct UserBook {
  Users& users;
  Sessions& sessions;
  Store& store;
  Pool& pool;  // makes hashes
  const Instance& instance;
};
// All that `book` refers to outlives the service.
void add_user_operations(gateway::Service& service, UserBook book);

}  // namespace croft::console
