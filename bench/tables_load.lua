-- For wrk: BatchWriteItem requests of 25 new items each, until all items are there; then the first ones again.
-- wrk's command line: ... -- TABLE ITEMS BODY_BYTES
local table_name, items, filler
local next_item = 0
local batch = 25

function init(arguments)
  table_name, items = arguments[1], tonumber(arguments[2])
  filler = string.rep("x", tonumber(arguments[3]))
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
  wrk.headers["X-Amz-Target"] = "DynamoDB_20120810.BatchWriteItem"
end

function request()
  local puts = {}
  for n = 1, batch do
    puts[n] = string.format('{"PutRequest":{"Item":{"id":{"S":"item-%d"},"version":{"N":"%d"},"body":{"S":"%s"}}}}',
                            next_item, next_item, filler)
    next_item = (next_item + 1) % items
  end
  return wrk.format(nil, "/", nil, '{"RequestItems":{"' .. table_name .. '":[' .. table.concat(puts, ",") .. "]}}")
end
