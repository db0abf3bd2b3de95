#pragma once

#include "dynamo/written_items.h"
#include "gateway/service.h"

namespace croft::services::dynamodb {

// What the items that a traced call writes were and are, for the step of that call. Of a call that is not traced it is nothing.
class TracedWrites {
 public:
  // `table`: of the request; "" when it has several. The call is a write, also when it is refused.
  TracedWrites(gateway::Call& call, std::string_view table) : call_(call) {
    if (!call_.step) return;
    call_.told.kind = trace::Kind::write;
    if (!table.empty()) call_.told.detail = trace::Detail().text("table", table).take();
  }

  // For a request's `tell`.
  dynamo::WrittenItems* list() { return call_.step ? &items_ : nullptr; }
  // The request is done.
  void tell() {
    if (items_.empty()) return;
    if (!call_.told.detail.empty()) call_.told.detail += ',';
    call_.told.detail += detail_of(items_);
  }

 private:
  gateway::Call& call_;
  dynamo::WrittenItems items_;
};

}  // namespace croft::services::dynamodb
