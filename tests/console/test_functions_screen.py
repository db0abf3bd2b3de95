"""The console's Functions screen, and what croft remembers of invocations for it."""

import io
import json
import time
import zipfile

from console_page import ask, browser, data, passed

ACCOUNT = "000000000000"


def zipped(source):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.py", source)
    return out.getvalue()


def make_function(croft, name, source, **more):
    return croft.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/run", Handler="index.handler",
        Code={"ZipFile": zipped(source)}, **more)["FunctionArn"]


def invoke(croft, name, event=b"{}", **more):
    return croft.client("lambda").invoke(FunctionName=name, Payload=event, **more)


def invocations(croft, name, after=0):
    return ask(croft, "GET", f"/_croft/functions/{name}/invocations?after={after}").json


def activity(croft, name):
    return next(one for one in ask(croft, "GET", "/_croft/functions").json["functions"] if one["name"] == name)


def test_functions(fresh_croft):
    assert len(passed(browser(fresh_croft(), "functions.mjs"))) == 6


def test_invocations_are_remembered_with_their_event_and_outcome(croft, eventually):
    make_function(croft, "remembers", "def handler(event, context):\n    if event.get('bad'): raise ValueError('no')\n    return event\n", MemorySize=256)
    assert invocations(croft, "remembers") == {"invocations": [], "next": 0}
    answer = invoke(croft, "remembers", b'{"a": 1}')
    invoke(croft, "remembers", b'{"bad": true}')
    first, second = invocations(croft, "remembers")["invocations"]
    assert first["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert (first["event"], first["eventBytes"], first["answer"], first["source"]) == ('{"a": 1}', 8, '{"a": 1}', "")
    assert first["initMs"] > 0 and "initMs" not in second, "the first was a cold start"
    assert "failure" not in first and second["failure"] == "Unhandled"
    assert json.loads(second["answer"])["errorType"] == "ValueError"
    assert first["memoryMb"] == 256 and 0 < first["memoryUsedMb"] <= 256
    assert first["durationMs"] > 0 and first["billedMs"] >= first["durationMs"] and first["waitMs"] >= first["initMs"] * 0.5
    assert abs(first["at"] / 1000 - time.time()) < 60
    assert invocations(croft, "remembers", after=first["sequence"])["invocations"] == [second]
    eventually(lambda: activity(croft, "remembers")["idle"] == 1, what="a worker that is done")
    assert activity(croft, "remembers") == {
        "name": "remembers", "invocations": 2, "errors": 1, "throttles": 0, "workers": 1, "idle": 1, "waiting": 0,
        "lastInvocation": second["at"]}
    # What is remembered lies in memory: neither the log nor the data folder has the events.
    assert "bad" not in croft.output()


def test_a_hundred_are_remembered_and_long_events_are_not(croft):
    make_function(croft, "many", "def handler(event, context):\n    return 'x' * 10000\n")
    invoke(croft, "many", json.dumps("y" * 65_536).encode())
    (only,) = invocations(croft, "many")["invocations"]
    assert "event" not in only and only["eventBytes"] == 65_538
    assert only["answer"] == '"' + "x" * 8191 and only["answerIsCut"] is True
    for n in range(100):
        invoke(croft, "many", str(n).encode())
    kept = invocations(croft, "many")["invocations"]
    assert [one["event"] for one in kept] == [str(n) for n in range(100)]
    assert activity(croft, "many")["invocations"] == 101


def test_who_asked_is_remembered_and_retries_are_rows_of_their_own(croft, eventually):
    arn = make_function(croft, "asked", "def handler(event, context):\n    raise KeyError('always')\n")
    croft.client("lambda").add_permission(FunctionName="asked", StatementId="1", Action="lambda:InvokeFunction",
                                          Principal="iot.amazonaws.com")
    croft.client("iot").create_topic_rule(ruleName="asks", topicRulePayload={
        "sql": "SELECT * FROM 'asked'", "actions": [{"lambda": {"functionArn": arn}}]})
    croft.client("iot-data").publish(topic="asked", qos=1, payload=b'{"n":1}')
    rows = eventually(lambda: len(invocations(croft, "asked")["invocations"]) == 3 and invocations(croft, "asked")["invocations"])
    assert {row["source"] for row in rows} == {"rule asks"} and len({row["requestId"] for row in rows}) == 1
    sqs = croft.client("sqs")
    url = sqs.create_queue(QueueName="asking")["QueueUrl"]
    make_function(croft, "fed", "def handler(event, context):\n    return len(event['Records'])\n")
    croft.client("lambda").create_event_source_mapping(EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:asking", FunctionName="fed")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (row,) = eventually(lambda: invocations(croft, "fed")["invocations"])
    assert (row["source"], row["answer"]) == (f"arn:aws:sqs:us-east-1:{ACCOUNT}:asking", "1")


def test_a_function_that_is_gone_leaves_nothing(croft):
    source = "def handler(event, context):\n    return 1\n"
    make_function(croft, "gone", source)
    invoke(croft, "gone")
    croft.client("lambda").delete_function(FunctionName="gone")
    make_function(croft, "gone", source)
    assert invocations(croft, "gone")["invocations"] == []
    assert activity(croft, "gone")["invocations"] == 0 and "lastInvocation" not in activity(croft, "gone")


def test_throttles_are_counted_and_no_invocations(croft):
    make_function(croft, "none", "def handler(event, context):\n    return 1\n")
    croft.client("lambda").put_function_concurrency(FunctionName="none", ReservedConcurrentExecutions=0)
    refused = data(croft, "aws/lambda/2015-03-31/functions/none/invocations", "POST", b"{}")
    assert refused.status == 429 and refused.headers["x-amzn-errortype"].startswith("TooManyRequestsException")
    assert (activity(croft, "none")["throttles"], activity(croft, "none")["invocations"]) == (1, 0)


def test_pages_that_are_not_there(croft):
    for path in ("/_croft/functions/", "/_croft/functions/x", "/_croft/functions/x/none", "/_croft/functions//logs"):
        assert ask(croft, "GET", path).status == 404, path
    assert invocations(croft, "never-made") == {"invocations": [], "next": 0}
    assert ask(croft, "GET", "/_croft/functions/never-made/logs").json == {"lines": [], "next": 0}
