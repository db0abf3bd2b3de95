-- For wrk: GetItem of items chosen by chance; prints what came back as one line of JSON.
-- wrk's command line: ... -- TABLE ITEMS
local table_name, items

function init(arguments)
  table_name, items = arguments[1], tonumber(arguments[2])
  math.randomseed(1)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
  wrk.headers["X-Amz-Target"] = "DynamoDB_20120810.GetItem"
end

function request()
  local key = string.format('{"TableName":"%s","Key":{"id":{"S":"item-%d"}}}', table_name, math.random(0, items - 1))
  return wrk.format(nil, "/", nil, key)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
