-- For wrk: BatchWriteItem requests of 25 new items each, until all items are there; then the first ones again.
-- wrk's command line: ... -- TABLE ITEMS BODY_BYTES
local table_name, items, body_bytes, filler
local next_item = 0
local batch = 25

function init(arguments)
  table_name, items = arguments[1], tonumber(arguments[2])
  body_bytes = tonumber(arguments[3])
  math.randomseed(1)
  local letters = {}
  for n = 1, 1000000 do letters[n] = string.char(math.random(0x30, 0x7a)) end
  filler = table.concat(letters):gsub("\\", "/")  -- no two bodies alike, and little for a compressor to find
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
  wrk.headers["X-Amz-Target"] = "DynamoDB_20120810.BatchWriteItem"
end

function request()
  local puts = {}
  for n = 1, batch do
    local at = math.random(1, #filler - body_bytes)
    puts[n] = string.format('{"PutRequest":{"Item":{"id":{"S":"item-%d"},"version":{"N":"%d"},"body":{"S":"%s"}}}}',
                            next_item, next_item, filler:sub(at, at + body_bytes - 1))
    next_item = (next_item + 1) % items
  end
  return wrk.format(nil, "/", nil, '{"RequestItems":{"' .. table_name .. '":[' .. table.concat(puts, ",") .. "]}}")
end
