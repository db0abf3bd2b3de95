"""The way of a lifecycle event: its trace, from the socket to the row, by page and by command; a client's timeline."""

import io
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

import pytest
from conftest import ARTICLE, ROOT, Croft, wait_until
from device_certificate import DeviceCertificate, allow
from mqtt_wire import V3, Client, Wire, connect, publish, reason, subscribe, unsubscribe

NODE_MODULES = ROOT / "tests" / "node" / "node_modules"
ROLE = "arn:aws:iam::000000000000:role/rules"


def page(croft, path):
    with urllib.request.urlopen(croft.endpoints["gateway"] + "/_croft/" + path, timeout=30) as answer:
        return json.load(answer)


def traces_of(croft, client, limit=50):
    return page(croft, f"traces?client={urllib.parse.quote(client, safe='')}&limit={limit}")["traces"]


def finished_trace(croft, client, event):
    """The client's newest trace of that event, when everything is over."""

    def look():
        for trace in traces_of(croft, client):
            if trace["event"] == event and trace["outcome"] != "running":
                return page(croft, "traces/" + trace["traceId"])
        return None

    return wait_until(look, what=f"the trace of {client} {event}")


def timeline(croft, client):
    return page(croft, "timeline/" + urllib.parse.quote(client, safe=""))["entries"]


def shape(trace):
    """[(depth, kind, name)] in the order of the tree."""
    steps, lines = trace["steps"], []

    def visit(step, depth):
        lines.append((depth, step["kind"], step["name"]))
        for other in sorted((s for s in steps if s["parent"] == step["id"]), key=lambda s: (s["beganUs"], s["id"])):
            visit(other, depth + 1)

    visit(steps[0], 0)
    assert len(lines) == len(steps)
    return lines


def only(trace, kind, name=None):
    found = [step for step in trace["steps"] if step["kind"] == kind and name in (None, step["name"])]
    assert len(found) == 1, (kind, name, trace["steps"])
    return found[0]


def create_function(croft, name, code, runtime="python3.11", file="f.py"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(file, code)
    functions = croft.client("lambda")
    made = functions.create_function(FunctionName=name, Runtime=runtime, Role=ROLE, Handler="f.handler",
                                     Code={"ZipFile": packed.getvalue()}, Timeout=20)
    functions.add_permission(FunctionName=name, StatementId="rules", Action="lambda:InvokeFunction",
                             Principal="iot.amazonaws.com")
    return made["FunctionArn"]


def create_rule(croft, name, sql, actions, error_action=None):
    payload = {"sql": sql, "actions": actions, "awsIotSqlVersion": "2016-03-23"}
    if error_action:
        payload["errorAction"] = error_action
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload=payload)


@pytest.fixture
def rule(croft):
    """Makes rules that go with the test."""
    names = []

    def make(name, *rest, **more):
        create_rule(croft, name, *rest, **more)
        names.append(name)

    yield make
    for name in names:
        croft.client("iot").delete_topic_rule(ruleName=name)


def create_table(croft, name):
    croft.client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])


@pytest.fixture(scope="module")
def article_croft(tmp_path_factory):
    """A server of its own: the article's rules match the events of all clients."""
    server = Croft(tmp_path_factory.mktemp("article") / "data")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def article(article_croft):
    croft = article_croft
    croft.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "status", "--capabilities", "CAPABILITY_IAM")
    resources = croft.client("cloudformation").list_stack_resources(StackName="status")["StackResourceSummaries"]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources}


def device(croft, name):
    return Client(croft, name)


def test_the_articles_event_is_traced_from_the_socket_to_the_row(article_croft, article):
    croft = article_croft
    begun_ms = time.time() * 1000
    client = device(croft, "traced_Core")
    trace = finished_trace(croft, "traced_Core", "connected")
    client.leave()

    function, table = article["UpdateConnected"], article["ConnectedTable"]
    assert (trace["client"], trace["outcome"], trace["rules"], trace["writes"]) == ("traced_Core", "ok", 1, 1)
    assert begun_ms - 50 <= trace["at"] <= time.time() * 1000
    assert shape(trace) == [(0, "event", "connected"),
                            (1, "wait", "outbox"),
                            (1, "rule", article["UpdateConnectedIoT"]),
                            (2, "wait", "lane"),
                            (2, "action", "LambdaAction"),
                            (3, "wait", "worker"),
                            (3, "invocation", function),
                            (4, "call", "GetItem"),
                            (4, "write", "PutItem")]
    event = only(trace, "event")["detail"]
    assert event["topic"] == "$aws/events/presence/connected/traced_Core" and event["version"] == 0
    assert event["payload"]["clientId"] == "traced_Core" and event["payload"]["eventType"] == "connected"
    assert only(trace, "rule")["detail"]["output"] == event["payload"]
    assert only(trace, "action")["detail"]["resource"].endswith(":function:" + function)
    assert only(trace, "action")["detail"]["tries"] == 1
    invocation = only(trace, "invocation")["detail"]
    assert invocation["cold"] is True and invocation["initMs"] > 0 and invocation["maxMemoryUsedMb"] > 1
    lines = [line["text"] for line in invocation["log"]]
    assert lines[0].startswith("INIT_START") and lines[-1].startswith("REPORT RequestId: " + invocation["requestId"])
    write = only(trace, "write")["detail"]
    assert write["table"] == table and write["service"] == "dynamodb"
    row = {"id": {"S": "traced_Core"}, "is_connected": {"BOOL": True}}
    assert write["items"] == [{"table": table, "key": {"id": {"S": "traced_Core"}}, "before": None, "after": row}]

    gone = finished_trace(croft, "traced_Core", "disconnected")
    assert only(gone, "write", "UpdateItem")["detail"]["items"] == [
        {"table": table, "key": {"id": {"S": "traced_Core"}}, "before": row,
         "after": {"id": {"S": "traced_Core"}, "is_connected": {"BOOL": False}}}]


def test_times_fit_into_each_other(article_croft, article):
    croft = article_croft
    device(croft, "timed_Core").leave()
    trace = finished_trace(croft, "timed_Core", "disconnected")
    steps = trace["steps"]
    for step in steps:
        assert 0 <= step["beganUs"] <= step["endedUs"] <= trace["durationUs"], step
        if step["parent"] is not None and step["kind"] in ("invocation", "write", "call", "action"):
            assert step["beganUs"] >= steps[step["parent"]]["beganUs"]
        if step["kind"] in ("invocation", "write", "call"):
            assert step["endedUs"] <= steps[step["parent"]]["endedUs"] + 1000
    assert only(trace, "invocation")["detail"]["durationUs"] > 100


def test_a_warm_worker_is_told_from_a_cold_one(article_croft, article):
    croft = article_croft
    for name in ("warm_1", "warm_2"):
        device(croft, name).leave()
        trace = finished_trace(croft, name, "disconnected")
    assert only(trace, "invocation")["detail"]["cold"] is False
    assert only(trace, "wait", "worker")["detail"]["cold"] is False
    assert not any(line["text"].startswith("INIT_START") for line in only(trace, "invocation")["detail"]["log"])


def test_a_rule_whose_where_is_false_says_why(croft, rule):
    rule("only_pumps", "SELECT * FROM '$aws/events/presence/connected/+' WHERE startswith(clientId, 'pump')",
         [{"republish": {"topic": "x", "roleArn": ROLE}}])
    device(croft, "valve-1").leave()

    step = only(finished_trace(croft, "valve-1", "connected"), "rule", "only_pumps")

    assert step["outcome"] == "skipped" and step["detail"]["why"] == "WHERE is not true"
    explanation = step["detail"]["explanation"]
    assert explanation[0] == {"depth": 0, "clause": "WHERE", "expression": "startswith(clientId, 'pump')", "value": "false"}
    assert {"depth": 1, "expression": "clientId", "value": '"valve-1"'} in explanation


def test_a_function_that_fails_is_told_with_its_log_and_the_error_action(croft, rule):
    arn = create_function(croft, "breaks", """
def handler(event, context):
  print('about to break')
  raise ValueError('no such valve')
""")
    rule("breaking", "SELECT clientId FROM '$aws/events/presence/connected/broken'", [{"lambda": {"functionArn": arn}}],
         error_action={"republish": {"topic": "errors", "roleArn": ROLE}})
    client = device(croft, "broken")

    def failed_once():
        traces = traces_of(croft, "broken")
        trace = traces and page(croft, "traces/" + traces[-1]["traceId"])
        return trace if trace and any(s["outcome"] == "failed" for s in trace["steps"]) else None

    trace = wait_until(failed_once)
    client.leave()
    first = next(s for s in trace["steps"] if s["kind"] == "invocation")
    assert first["outcome"] == "failed"
    assert first["detail"]["errorDocument"]["errorType"] == "ValueError"
    assert first["detail"]["errorDocument"]["errorMessage"] == "no such valve"
    assert any(line["text"] == "about to break" for line in first["detail"]["log"])
    assert trace["outcome"] == "running", "its retries are not over"
    over = finished_trace(croft, "broken", "connected")
    assert over["outcome"] == "failed"
    assert [s["outcome"] for s in over["steps"] if s["kind"] == "invocation"] == ["failed"] * 3
    actions = [s for s in over["steps"] if s["kind"] == "action"]
    assert actions[0]["detail"]["tries"] == 3 and actions[0]["detail"]["error"]["code"] == "LambdaInvocationFailed"
    assert [(s["name"], s["outcome"], s["detail"].get("errorAction")) for s in actions] == [
        ("LambdaAction", "failed", None), ("RepublishAction", "ok", True)]


def test_direct_actions_record_their_writes(croft, rule):
    create_table(croft, "direct")
    rule("v2", "SELECT clientId AS id, eventType FROM '$aws/events/presence/+/direct-1'",
         [{"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "direct"}}}])
    device(croft, "direct-1").leave()

    connected = finished_trace(croft, "direct-1", "connected")
    gone = finished_trace(croft, "direct-1", "disconnected")

    assert shape(connected) == [(0, "event", "connected"), (1, "wait", "outbox"), (1, "rule", "v2"), (2, "wait", "lane"),
                                (2, "action", "DynamoDBv2Action"), (3, "write", "PutItem")]
    row = {"id": {"S": "direct-1"}, "eventType": {"S": "connected"}}
    assert only(connected, "write")["detail"] == {"table": "direct", "items": [
        {"table": "direct", "key": {"id": {"S": "direct-1"}}, "before": None, "after": row}]}
    assert only(gone, "write")["detail"]["items"][0]["before"] == row


def test_a_table_that_is_not_there_fails_the_action_and_the_write(croft, rule):
    rule("nowhere", "SELECT clientId AS id FROM '$aws/events/presence/connected/direct-2'",
         [{"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "missing"}}}])
    device(croft, "direct-2").leave()

    trace = finished_trace(croft, "direct-2", "connected")

    assert trace["outcome"] == "failed"
    error = {"code": "ResourceNotFoundException", "message": "Requested resource not found"}
    for kind in ("action", "write"):
        assert only(trace, kind)["outcome"] == "failed" and only(trace, kind)["detail"]["error"] == error


def test_a_refused_write_of_a_function_is_a_failed_step_of_an_event_that_went_well(croft, rule):
    create_table(croft, "guarded")
    arn = create_function(croft, "careful", """
import boto3
table = boto3.resource('dynamodb').Table('guarded')
def handler(event, context):
  table.put_item(Item={'id': event['clientId']})
  try:
    table.put_item(Item={'id': event['clientId']}, ConditionExpression='attribute_not_exists(id)')
  except Exception as refused:
    print(refused)
""")
    rule("careful", "SELECT clientId FROM '$aws/events/presence/connected/careful'", [{"lambda": {"functionArn": arn}}])
    device(croft, "careful").leave()

    trace = finished_trace(croft, "careful", "connected")

    assert trace["outcome"] == "ok" and trace["writes"] == 1
    first, second = [s for s in trace["steps"] if s["kind"] == "write"]
    assert (first["outcome"], second["outcome"]) == ("ok", "failed")
    assert second["detail"]["error"]["code"] == "ConditionalCheckFailedException"
    assert second["detail"]["table"] == "guarded" and "items" not in second["detail"]


def test_a_queue_in_between_keeps_the_trace(croft, rule):
    queues = croft.client("sqs")
    url = queues.create_queue(QueueName="between")["QueueUrl"]
    create_table(croft, "after_queue")
    create_function(croft, "from_queue", """
import boto3, json
table = boto3.resource('dynamodb').Table('after_queue')
def handler(event, context):
  for record in event['Records']:
    table.put_item(Item={'id': json.loads(record['body'])['clientId']})
""")
    croft.client("lambda").create_event_source_mapping(
        FunctionName="from_queue", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:between", BatchSize=1)
    rule("to_queue", "SELECT clientId FROM '$aws/events/presence/connected/queued-1'",
         [{"sqs": {"queueUrl": url, "roleArn": ROLE}}])
    device(croft, "queued-1").leave()

    def written():
        trace = finished_trace(croft, "queued-1", "connected")
        return trace if trace["writes"] else None

    trace = wait_until(written)
    assert shape(trace) == [(0, "event", "connected"), (1, "wait", "outbox"), (1, "rule", "to_queue"), (2, "wait", "lane"),
                            (2, "action", "SqsAction"), (3, "wait", "queue"), (4, "wait", "worker"),
                            (4, "invocation", "from_queue"), (5, "write", "PutItem")]
    assert only(trace, "wait", "queue")["detail"]["queue"] == "between"
    assert only(trace, "write")["detail"]["items"][0]["after"] == {"id": {"S": "queued-1"}}


def test_other_callers_cannot_write_into_a_trace(article_croft, article):
    """The header is believed of functions' sessions alone."""
    croft = article_croft
    device(croft, "spoofed").leave()
    trace = finished_trace(croft, "spoofed", "disconnected")
    dynamodb = croft.client("dynamodb")
    dynamodb.meta.events.register("before-sign.dynamodb.*", lambda request, **_: request.headers.add_header(
        "X-Amzn-Trace-Id", "Root=" + trace["traceId"] + ";Sampled=1"))

    dynamodb.put_item(TableName=article["ConnectedTable"], Item={"id": {"S": "spoof"}})

    assert len(page(croft, "traces/" + trace["traceId"])["steps"]) == len(trace["steps"])


def test_a_republished_event_is_followed(croft, rule):
    rule("again", "SELECT clientId FROM '$aws/events/presence/connected/twice'",
         [{"republish": {"topic": "again/twice", "roleArn": ROLE}}])
    create_table(croft, "again")
    rule("second", "SELECT clientId AS id FROM 'again/+'", [{"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "again"}}}])
    device(croft, "twice").leave()

    def written():
        trace = finished_trace(croft, "twice", "connected")
        return trace if trace["writes"] else None

    trace = wait_until(written)
    assert only(trace, "rule", "second")["detail"]["topic"] == "again/twice"
    assert only(trace, "rule", "second")["detail"]["input"] == {"clientId": "twice"}


def test_an_event_that_no_rule_is_for_is_on_the_timeline_alone(fresh_croft):
    croft = fresh_croft()
    device(croft, "alone").leave()
    wait_until(lambda: [one["kind"] for one in page(croft, "timeline/alone")["entries"]] == ["disconnected", "connected"])
    assert traces_of(croft, "alone") == []
    assert not any("traceId" in one for one in page(croft, "timeline/alone")["entries"])


def test_lists_are_newest_first_and_limited(article_croft, article):
    croft = article_croft
    for _ in range(3):
        device(croft, "listed").leave()
    wait_until(lambda: len(traces_of(croft, "listed")) == 6 and all(t["outcome"] == "ok" for t in traces_of(croft, "listed")))
    traces = traces_of(croft, "listed")
    assert [t["event"] for t in traces] == ["disconnected", "connected"] * 3
    assert traces == sorted(traces, key=lambda t: -t["at"])
    assert [t["traceId"] for t in traces_of(croft, "listed", 2)] == [t["traceId"] for t in traces[:2]]
    assert page(croft, "traces?limit=1")["traces"][0]["client"] == "listed"
    for _ in range(10):
        device(croft, "listed").leave()
    wait_until(lambda: len(traces_of(croft, "listed", 100)) == 20, what="the last 20 of a client")


@pytest.mark.parametrize("path", ["traces/1-00000000-000000000000000000000001", "traces/nonsense", "timeline/nobody-here",
                                  "timeline/"])
def test_what_is_not_known_is_a_404_with_a_sentence(croft, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        page(croft, path)
    assert refused.value.code == 404
    assert json.load(refused.value)["message"].endswith("is not known") or path == "timeline/"


def test_a_timeline_tells_a_clients_life(croft):
    first = Client(croft, "lively", V3, keep_alive=30)
    first.subscribe("plant/#")
    for _ in range(3):
        first.send(publish("plant/1", b"x", version=V3))
    entries = wait_until(lambda: [e for e in timeline(croft, "lively") if e["kind"] == "published"])
    assert entries[0]["detail"]["messages"] in (1, 2, 3)
    first.send(unsubscribe("plant/#", version=V3))
    wait_until(lambda: any(e["kind"] == "unsubscribed" for e in timeline(croft, "lively")))
    device(croft, "lively").leave()

    wait_until(lambda: len(timeline(croft, "lively")) == 7)
    told = timeline(croft, "lively")
    published = next(e for e in told if e["kind"] == "published")  # maybe in the millisecond of what came after it
    newest_first = [e for e in told if e is not published]
    assert [e["kind"] for e in newest_first] == ["disconnected", "connected", "takeover", "unsubscribed", "subscribed",
                                                 "connected"]
    disconnected, again, takeover, unsubscribed, subscribed, connected = newest_first
    assert connected["text"] == "connected from 127.0.0.1" and connected["detail"]["keepAliveSeconds"] == 30
    assert connected["detail"]["protocol"] == "MQTT 3.1.1" and connected["detail"]["versionNumber"] == 0
    assert subscribed["text"] == "subscribed to plant/#" and subscribed["detail"]["topics"] == ["plant/#"]
    assert unsubscribed["text"] == "unsubscribed from plant/#"
    assert published["detail"]["messages"] == 3
    assert takeover["detail"]["disconnectReason"] == "DUPLICATE_CLIENTID"
    assert again["detail"]["versionNumber"] == 1
    assert disconnected["text"] == "disconnected: CLIENT_INITIATED_DISCONNECT"


def test_a_refusal_is_in_the_timeline_with_its_reason(croft, tmp_path):
    certificate = DeviceCertificate(croft, tmp_path, allow("Connect", "client/other"))
    wire = Wire(croft.port("mqtts"), certificate.context())
    assert reason(wire.send(connect("unwanted", V3)).packet(), 1) == (0x20, 5)

    entry = wait_until(lambda: timeline(croft, "unwanted"))[0]
    assert entry["kind"] == "refused" and entry["text"].startswith("iot:Connect refused: no statement allows it")


def test_a_trace_goes_on_after_a_crash_under_its_id(fresh_croft):
    croft = fresh_croft()
    create_table(croft, "crashes")
    arn = create_function(croft, "slow_once", """
import boto3, time
table = boto3.resource('dynamodb').Table('crashes')
def handler(event, context):
  first = 'Item' not in table.get_item(Key={'id': 'begun'})
  table.put_item(Item={'id': 'begun'})
  if first:
    time.sleep(15)
  table.put_item(Item={'id': event['clientId']})
""")
    create_rule(croft, "crashing", "SELECT clientId FROM '$aws/events/presence/connected/crashed'",
                [{"lambda": {"functionArn": arn}}])
    held = device(croft, "crashed")
    wait_until(lambda: croft.client("dynamodb").scan(TableName="crashes")["Count"] == 1)
    before = next(t for t in traces_of(croft, "crashed") if t["event"] == "connected")
    assert before["outcome"] == "running"
    croft.kill()
    held.drop()

    croft.start()

    after = finished_trace(croft, "crashed", "connected")
    assert after["traceId"] == before["traceId"] and after["outcome"] == "ok"
    assert abs(after["at"] - before["at"]) < 50
    assert only(after, "event")["detail"]["payload"]["clientId"] == "crashed"
    outbox = only(after, "wait", "outbox")
    assert outbox["detail"]["readBack"] is True and outbox["endedUs"] - outbox["beganUs"] > 10_000
    assert [s["detail"]["items"][0]["after"]["id"]["S"] for s in after["steps"] if s["kind"] == "write"] == ["begun", "crashed"]
    assert timeline(croft, "crashed")[0]["kind"] == "disconnected", "the end that the crash was"


def test_the_command_shows_a_tree(article_croft, article):
    croft = article_croft
    device(croft, "shown_Core").leave()
    trace = finished_trace(croft, "shown_Core", "disconnected")
    finished_trace(croft, "shown_Core", "connected")

    lines = croft.run("trace", "--event", "shown_Core").stdout.splitlines()

    assert lines[0].startswith("shown_Core  disconnected  ") and lines[0].endswith("1 rule, 1 write")
    assert lines[1] == trace["traceId"]
    assert lines[2].split() == ["begins", "takes"]
    steps = [line[22:].strip() for line in lines[3:] if " ms  " in line[:30]]
    kinds = ["event", "wait", "rule", "wait", "action", "wait", "invocation", "call", "write"]
    assert [step.split("  ")[0] for step in steps] == kinds
    assert any(line.strip().startswith("before") and '{"id":"shown_Core","is_connected":true}' in line for line in lines)
    assert any(line.strip().startswith("after") and '{"id":"shown_Core","is_connected":false}' in line for line in lines)
    assert croft.run("trace", "--event", trace["traceId"]).stdout.splitlines() == lines
    document = json.loads(croft.run("trace", "--event", trace["traceId"], "--json").stdout)
    assert document["steps"] == page(croft, "traces/" + trace["traceId"])["steps"]


def test_the_command_says_what_it_does_not_know(croft):
    done = croft.run("trace", "--event", "never-seen", check=False)
    assert (done.returncode, done.stderr) == (1, "croft: NotFound: no event of 'never-seen' is kept\n")


def test_the_command_follows(croft, rule):
    create_table(croft, "follows")
    rule("follows", "SELECT clientId AS id FROM '$aws/events/presence/+/followed'",
         [{"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "follows"}}}])
    following = subprocess.Popen([croft.binary, "trace", "--event", "followed", "--follow", "--for", "10"], env=croft.environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert following.stderr.readline() == "Waiting for events of followed\n"
    device(croft, "followed").leave()
    heads = []
    while len(heads) < 2 and (line := following.stdout.readline()):
        if line.startswith("followed  "):
            heads.append(line.split()[1])
    following.kill()
    following.wait()
    assert heads == ["connected", "disconnected"]


@pytest.mark.skipif(not (NODE_MODULES / "@aws-sdk" / "client-dynamodb").exists(), reason="npm install in tests/node")
def test_the_javascript_sdk_sends_the_trace_along(croft, rule):
    create_table(croft, "from_node")
    code = """
import {createRequire} from 'node:module';
const {DynamoDBClient, PutItemCommand} = createRequire(%s)('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient({});
export const handler = async (event) => {
  await client.send(new PutItemCommand({TableName: 'from_node', Item: {id: {S: event.clientId}}}));
};
""" % json.dumps(str(NODE_MODULES / "x.js"))
    arn = create_function(croft, "in_node", code, "nodejs20.x", "f.mjs")
    rule("node", "SELECT clientId FROM '$aws/events/presence/connected/node-1'", [{"lambda": {"functionArn": arn}}])
    device(croft, "node-1").leave()

    trace = finished_trace(croft, "node-1", "connected")

    assert shape(trace)[-2:] == [(3, "invocation", "in_node"), (4, "write", "PutItem")]
    assert only(trace, "write")["detail"]["items"][0]["after"] == {"id": {"S": "node-1"}}


def test_a_batch_of_several_events_is_told_in_one_trace_and_named_in_the_others(croft, rule):
    url = croft.client("sqs").create_queue(QueueName="batched")["QueueUrl"]
    create_function(croft, "from_batch", "def handler(event, context):\n  return len(event['Records'])\n")
    croft.client("lambda").create_event_source_mapping(
        FunctionName="from_batch", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:batched", BatchSize=10,
        MaximumBatchingWindowInSeconds=1)
    rule("to_batch", "SELECT clientId FROM '$aws/events/presence/connected/+' WHERE startswith(clientId, 'batched')",
         [{"sqs": {"queueUrl": url, "roleArn": ROLE}}])
    for name in ("batched-1", "batched-2"):
        device(croft, name).leave()

    def invoked(name):
        trace = finished_trace(croft, name, "connected")
        return trace if any(s["kind"] == "invocation" and s["outcome"] == "ok" for s in trace["steps"]) else None

    first, second = (wait_until(lambda: invoked(name)) for name in ("batched-1", "batched-2"))
    told, named = sorted((first, second), key=lambda trace: "inTrace" in only(trace, "invocation")["detail"])
    assert only(told, "invocation")["detail"]["returned"] == 2
    assert only(told, "wait", "queue")["detail"]["batch"] == 2
    assert only(named, "invocation")["detail"] == {"inTrace": told["traceId"]}
