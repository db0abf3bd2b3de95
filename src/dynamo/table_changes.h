// What UpdateTable may ask of a table, and the table after it. Pure.
#pragma once

#include "dynamo/requests.h"

namespace croft::dynamo {

// Whether the request can be done: its members fit together, and fit the table as it is. Errors: ValidationException,
// ResourceNotFoundException (an index), LimitExceededException, each with AWS's text.
// Source: API Reference, UpdateTable; which members go together, and the texts, as AWS answers.
Result<void> check_change(const TableDefinition& table, const UpdateTable& request);

// OnDemandThroughput and WarmThroughput of a new table and its indexes. ValidationException.
Result<void> check_notes(const TableDefinition& table);

// Without streams. A new index is `backfilling`.
TableDefinition changed(const TableDefinition& table, const UpdateTable& request, Timestamp now);

}  // namespace croft::dynamo
