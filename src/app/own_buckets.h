#pragma once

#include "rules/actions/remote_actions.h"
#include "services/s3/objects.h"
#include "store/store.h"

namespace croft::app {

// What the s3 action of rules puts into croft's own buckets, under the rules of the PutObject operation. Both outlive it.
rules::PutObject put_into(services::s3::Objects& objects, Store& store);

}  // namespace croft::app
