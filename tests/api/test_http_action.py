"""The http action: what it posts, its tries, its batches, and what the error action is told."""

import base64
import json
import re
import subprocess
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import paho.mqtt.client as paho
import pytest
from http_endpoint import Endpoint, signed
from own_authority import Signed

ROLE = "arn:aws:iam::000000000000:role/r"
FAILED = "HttpAction failed to make a request to the specified endpoint. "


@pytest.fixture(scope="module")
def endpoint():
    server = Endpoint()
    yield server
    server.stop()


class Rules:
    """Rules with one http action each, whose destination is confirmed; their error action posts to /errors."""

    def __init__(self, croft, endpoint):
        self.iot, self.data, self.endpoint = croft.client("iot"), croft.client("iot-data"), endpoint
        self.croft, self.names = croft, []
        endpoint.requests.clear()
        endpoint.answers = []

    def create(self, topic, sql=None, wait=True, version="2016-03-23", **action):
        action.setdefault("url", f"{self.endpoint.url}/{topic}")
        name = f"r{time.monotonic_ns()}"
        self.names.append(name)
        made = signed(self.croft, "POST", f"/rules/{name}", {
            "sql": sql or f"SELECT * FROM '{topic}'", "awsIotSqlVersion": version, "actions": [{"http": action}],
            "errorAction": {"http": {"url": self.endpoint.url + "/errors"}}})
        assert made == ("", 200, {})
        if wait:
            self.wait_for_destinations()
        return name

    def wait_for_destinations(self):
        deadline = time.monotonic() + 10
        while any(one["status"] == "IN_PROGRESS" for one in self.iot.list_topic_rule_destinations()["destinationSummaries"]):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def publish(self, topic, payload, **more):
        if not isinstance(payload, (bytes, str)):
            payload = json.dumps(payload)
        self.data.publish(topic=topic, payload=payload, qos=1, **more)

    def document(self):
        """What the error action was told."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for request in self.endpoint.requests:
                if request.path == "/errors":
                    return request.json()
            time.sleep(0.01)
        raise AssertionError("the error action did not run")

    def tries(self):
        return [request for request in self.endpoint.requests if request.path != "/errors"]


@pytest.fixture
def rules(croft, endpoint):
    made = Rules(croft, endpoint)
    yield made
    for name in made.names:
        made.iot.delete_topic_rule(ruleName=name)


class Device:
    """A client of its own: its messages are in a lane of their own."""

    def __init__(self, croft, name):
        self.client = paho.Client(client_id=name)
        connected = threading.Event()
        self.client.on_connect = lambda *_: connected.set()
        self.client.connect("127.0.0.1", croft.port("mqtt"))
        self.client.loop_start()
        assert connected.wait(5)

    def publish(self, topic, payload):
        self.client.publish(topic, json.dumps(payload) if not isinstance(payload, (bytes, str)) else payload, qos=0)

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def devices(croft):
    made = []

    def start(count):
        made.extend(Device(croft, f"device-{time.monotonic_ns()}-{n}") for n in range(count))
        return made[-count:]

    yield start
    for device in made:
        device.stop()


# --- what is posted ---

def test_a_json_payload_is_posted(rules, endpoint):
    rules.create("post/json", "SELECT a, topic() AS t FROM 'post/json'")
    rules.publish("post/json", {"a": 1, "b": 2})

    request = endpoint.wait_for(1)[0]
    assert (request.method, request.target) == ("POST", "/post/json")
    assert request.headers["content-type"] == "application/json"
    assert request.json() == {"a": 1, "t": "post/json"}
    assert request.headers["content-length"] == str(len(request.body))


def test_other_bytes_are_an_octet_stream(rules, endpoint):
    rules.create("post/bytes")
    rules.publish("post/bytes", b"\x00\xff\x01")

    request = endpoint.wait_for(1)[0]
    assert (request.headers["content-type"], request.body) == ("application/octet-stream", b"\x00\xff\x01")


def test_an_undefined_template_fails_the_action(rules):
    rules.create("post/undefined", headers=[{"key": "x-name", "value": "${nope}"}])
    rules.publish("post/undefined", {"kind": "plain"})

    assert rules.document()["failures"][0]["errorMessage"] == "the substitution template ${nope} is undefined"
    assert rules.tries() == []


def test_headers_see_the_original_message_and_replace_the_content_type(rules, endpoint, devices):
    rules.create("post/headers", "SELECT 1 AS one FROM 'post/headers'",
                 headers=[{"key": "Content-Type", "value": "text/x-${kind}"}, {"key": "X-Topic", "value": "${topic(2)}"}])
    devices(1)[0].publish("post/headers", {"kind": "plain"})

    request = endpoint.wait_for(1)[0]
    assert (request.headers["content-type"], request.headers["x-topic"]) == ("text/x-plain", "headers")
    assert request.json() == {"one": 1}


def test_a_header_cannot_start_another_line(rules):
    rules.create("post/split", headers=[{"key": "x-name", "value": "${name}"}])
    rules.publish("post/split", {"name": "a\r\nx-other: b"})

    assert rules.document()["failures"][0]["failedAction"] == "HttpAction"
    assert rules.tries() == []


def test_a_url_with_templates_stays_with_its_origin(rules, endpoint):
    rules.create("post/template", url=endpoint.url + "/t/${id}?x=${topic(2)}", confirmationUrl=endpoint.url + "/t")
    rules.publish("post/template", {"id": "d-1"})

    assert endpoint.wait_for(1)[0].target == "/t/d-1?x=template"


@pytest.mark.parametrize("id, message", [
    (".evil.example/x", "The value of 'url' is not valid: the URL must start with https://."),
    (":81/x", FAILED + "The url is of another origin than the confirmationUrl."),
    ("@example.com/x", "The value of 'url' is not valid: it is not an HTTPS URL."),
])
def test_a_device_cannot_choose_the_host(rules, id, message):
    rules.create("post/host", url="http://127.0.0.1${id}", confirmationUrl="http://127.0.0.1", wait=False)
    rules.publish("post/host", {"id": id})

    assert rules.document()["failures"] == [
        {"failedAction": "HttpAction", "failedResource": "http://127.0.0.1${id}", "errorMessage": message}]
    for one in rules.iot.list_topic_rule_destinations()["destinationSummaries"]:
        if one["httpUrlSummary"]["confirmationUrl"] == "http://127.0.0.1":
            rules.iot.delete_topic_rule_destination(arn=one["arn"])


def test_messages_of_a_client_are_posted_in_order_on_one_connection(rules, endpoint, devices):
    rules.create("post/order")
    device = devices(1)[0]
    for n in range(50):
        device.publish("post/order", {"n": n})

    requests = endpoint.wait_for(50)
    assert [request.json()["n"] for request in requests] == list(range(50))
    assert len({request.connection for request in requests}) <= 2


# --- the destination ---

def test_a_destination_that_is_not_enabled_gets_nothing(rules, endpoint):
    rules.create("off")
    arn = next(one["arn"] for one in rules.iot.list_topic_rule_destinations()["destinationSummaries"]
               if one["httpUrlSummary"]["confirmationUrl"].endswith("/off"))
    rules.iot.update_topic_rule_destination(arn=arn, status="DISABLED")
    rules.publish("off", {"a": 1})

    assert rules.document()["failures"] == [
        {"failedAction": "HttpAction", "failedResource": endpoint.url + "/off",
         "errorMessage": "HttpAction failed to make a request to the specified endpoint. The topic rule destination "
                         f"{arn} is not ENABLED, its status is DISABLED."}]
    assert rules.tries() == []
    rules.iot.update_topic_rule_destination(arn=arn, status="ENABLED")
    rules.publish("off", {"a": 2})
    endpoint.wait_for(2)
    assert rules.tries()[0].json() == {"a": 2}


def test_a_deleted_destination_gets_nothing(rules, endpoint):
    rules.create("deleted")
    arn = next(one["arn"] for one in rules.iot.list_topic_rule_destinations()["destinationSummaries"]
               if one["httpUrlSummary"]["confirmationUrl"].endswith("/deleted"))
    rules.iot.delete_topic_rule_destination(arn=arn)
    rules.publish("deleted", {"a": 1})

    assert rules.document()["failures"][0]["errorMessage"] == (
        FAILED + "There is no topic rule destination for the confirmationUrl.")


# --- tries ---

@pytest.mark.parametrize("first", [500, 503, 599, 429])
def test_a_passing_failure_is_tried_again(rules, endpoint, first):
    rules.create("tries/again")
    endpoint.answers = [(first, {}, b""), (first, {}, b"")]
    rules.publish("tries/again", {"a": 1})

    assert [request.json() for request in endpoint.wait_for(3)] == [{"a": 1}] * 3
    time.sleep(0.05)
    assert len(endpoint.requests) == 3


def test_there_are_three_tries_and_then_the_error_action(rules, endpoint):
    name = rules.create("tries/three")
    endpoint.answers = [(500, {}, b"")] * 3
    rules.publish("tries/three", b'{"a":1}')

    document = rules.document()
    assert len(rules.tries()) == 3
    assert document == {"ruleName": name, "topic": "tries/three", "clientId": "n/a", "sourceIp": "127.0.0.1",
                        "cloudwatchTraceId": document["cloudwatchTraceId"],
                        "base64OriginalPayload": base64.b64encode(b'{"a":1}').decode(),
                        "failures": [{"failedAction": "HttpAction", "failedResource": endpoint.url + "/tries/three",
                                      "errorMessage": "HttpAction failed to make a request to the specified endpoint. "
                                                      "StatusCode: 500. Reason: Internal Server Error."}]}


@pytest.mark.parametrize("status, headers, body, text", [
    (404, {}, b"", "StatusCode: 404. Reason: Not Found."),
    (600, {}, b"", "StatusCode: 600."),
    (302, {"location": "/elsewhere"}, b"", "StatusCode: 302. Reason: Found."),
    (500, {}, b"x" * 16385, "StatusCode: 500. Reason: Internal Server Error."),
    (500, {"connection": "close"}, b"", "StatusCode: 500. Reason: Internal Server Error."),
])
def test_what_is_not_tried_again(rules, endpoint, status, headers, body, text):
    rules.create("tries/once")
    endpoint.answers = [(status, headers, body)]
    rules.publish("tries/once", {"a": 1})

    assert rules.document()["failures"][0]["errorMessage"] == FAILED + text
    assert [request.path for request in rules.tries()] == ["/tries/once"]


def test_a_long_answer_of_16384_bytes_is_tried_again(rules, endpoint):
    rules.create("tries/long")
    endpoint.answers = [(500, {}, b"x" * 16384)]
    rules.publish("tries/long", {"a": 1})

    assert len(endpoint.wait_for(2)) == 2


def test_a_connection_that_ends_without_an_answer_is_not_tried_again(rules, endpoint):
    rules.create("tries/cut")
    endpoint.answers = [(None, {}, b"")]
    rules.publish("tries/cut", {"a": 1})

    assert rules.document()["failures"][0]["errorMessage"].startswith(FAILED + "Reason: ")
    assert len(rules.tries()) == 1


def test_all_tries_have_three_seconds(rules, endpoint):
    rules.create("tries/slow")
    release = threading.Event()

    def answer(request):
        if request.path == "/tries/slow":
            release.wait(10)
        return 200, {}, b""

    endpoint.answers = answer
    begin = time.monotonic()
    rules.publish("tries/slow", {"a": 1})
    rules.document()
    took = time.monotonic() - begin
    release.set()

    assert 2.9 < took < 4.5
    assert len(rules.tries()) == 1


def test_croft_ends_while_requests_and_batches_wait(fresh_croft):
    endpoint, release = Endpoint(), threading.Event()
    rules = Rules(fresh_croft(), endpoint)
    rules.create("ends/one")
    rules.create("ends/two", enableBatching=True, batchConfig={"maxBatchOpenMs": 200})

    def answer(request):
        release.wait(10)
        return 200, {}, b""

    endpoint.answers = answer
    rules.publish("ends/one", {"a": 1})
    rules.publish("ends/two", {"a": 1})
    endpoint.wait_for(1)
    begin = time.monotonic()

    assert rules.croft.stop() == 0
    assert time.monotonic() - begin < 5
    release.set()
    endpoint.stop()


def test_an_endless_answer_is_cut_off(rules, endpoint):
    rules.create("tries/endless")
    endpoint.answers = [(200, {}, b"x" * 1_000_000)]
    rules.publish("tries/endless", {"a": 1})

    assert rules.document()["failures"][0]["failedAction"] == "HttpAction"
    assert len(rules.tries()) == 1


# --- signatures ---

def test_requests_are_signed_with_the_configured_key(fresh_croft, tmp_path):
    (tmp_path / "secret").write_text("configured-secret")
    endpoint = Endpoint()
    try:
        rules = Rules(fresh_croft("--services.default.access-key-id", "AKIACONFIGURED",
                                  "--services.default.secret-access-key-file", str(tmp_path / "secret")), endpoint)
        rules.create("signed", url=endpoint.url + "/signed/path?b=2&a=1",
                     auth={"sigv4": {"signingRegion": "eu-west-1", "serviceName": "execute-api", "roleArn": ROLE}},
                     headers=[{"key": "x-more", "value": "one"}])
        endpoint.answers = [(500, {}, b"")]
        rules.publish("signed", {"a": 1})
        requests = endpoint.wait_for(2)  # the second try has a signature of its own
    finally:
        endpoint.stop()

    key = botocore.credentials.Credentials("AKIACONFIGURED", "configured-secret")
    signer = botocore.auth.SigV4Auth(key, "execute-api", "eu-west-1")
    for request in requests:
        presented = request.headers["authorization"]
        names = re.search(r"SignedHeaders=([^,]+)", presented)[1].split(";")
        assert {"content-type", "host", "x-amz-date", "x-more"} <= set(names)
        headers = {name: request.headers[name] for name in names}
        again = botocore.awsrequest.AWSRequest("POST", endpoint.url + request.target, headers, request.body)
        again.context["timestamp"] = request.headers["x-amz-date"]
        signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
        assert presented == ("AWS4-HMAC-SHA256 Credential=AKIACONFIGURED/" + request.headers["x-amz-date"][:8] +
                             f"/eu-west-1/execute-api/aws4_request, SignedHeaders={';'.join(names)}, Signature={signature}")


def test_without_a_key_signatures_are_refused(call_rule):
    auth = {"sigv4": {"signingRegion": "us-east-1", "serviceName": "execute-api", "roleArn": ROLE}}

    assert call_rule({"actions": [{"http": {"url": URL, "auth": auth}}]}) == (
        "InvalidRequestException", 400,
        "The action 'http' with 'sigv4' is not supported by this endpoint: no credentials are configured for it.")


# --- TLS ---

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    return folder, Signed(folder, "authority")


def status_after_confirmation(croft, url):
    iot = croft.client("iot")
    arn = iot.create_topic_rule_destination(destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})[
        "topicRuleDestination"]["arn"]
    for _ in range(100):
        shown = iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]
        if shown["status"] == "ENABLED" or "cannot" in croft.output() or "certificate" in croft.output():
            return shown["status"]
        time.sleep(0.05)
    return shown["status"]


def test_an_authority_of_the_configuration_is_trusted_beside_the_systems(fresh_croft, authority):
    folder, issuer = authority
    server = Signed(folder, "server", ["localhost"], ["127.0.0.1"], issuer)
    endpoint = Endpoint(server.pem, server.key)
    try:
        rules = Rules(fresh_croft("--authorities", issuer.pem), endpoint)
        rules.create("secure")
        rules.publish("secure", {"a": 1})

        assert endpoint.wait_for(1)[0].json() == {"a": 1}
    finally:
        endpoint.stop()


def test_a_certificate_of_an_unknown_authority_or_another_name_is_refused(fresh_croft, authority):
    folder, issuer = authority
    own = Signed(folder, "unknown", ["localhost"], ["127.0.0.1"], issuer)
    other = Signed(folder, "other", ["example.com"], [], issuer)
    unknown, misnamed = Endpoint(own.pem, own.key), Endpoint(other.pem, other.key)
    try:
        assert status_after_confirmation(fresh_croft(), unknown.url) == "IN_PROGRESS"
        assert status_after_confirmation(fresh_croft("--authorities", issuer.pem), misnamed.url) == "IN_PROGRESS"
        assert unknown.confirmations == misnamed.confirmations == []
    finally:
        unknown.stop()
        misnamed.stop()


def test_a_file_without_a_certificate_is_no_authority(tmp_path):
    from conftest import BINARY

    (tmp_path / "empty.pem").write_text("nothing\n")
    for name, why in (("empty.pem", "there is no certificate in it"), ("absent.pem", "cannot be read")):
        path = str(tmp_path / name)
        done = subprocess.run([BINARY, "serve", "--data", str(tmp_path / "data"), "--mqtt-port", "0", "--mqtts-port", "0",
                               "--gateway-port", "0", "--authorities", path], capture_output=True, text=True, timeout=20)
        assert done.returncode != 0
        assert f"{path}: {why}" in done.stdout + done.stderr


# --- batches ---

def test_messages_of_several_clients_are_posted_together(rules, endpoint, devices):
    rules.create("batch/size", enableBatching=True, batchConfig={"maxBatchOpenMs": 200, "maxBatchSize": 3},
                 headers=[{"key": "x-n", "value": "${n}"}, {"key": "content-type", "value": "text/plain"}])
    for n, device in enumerate(devices(3)):
        device.publish("batch/size", {"n": n})

    request = endpoint.wait_for(1)[0]
    sent = request.json()
    assert sorted(one["n"] for one in sent) == [0, 1, 2]
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-n"] == str(sent[-1]["n"])  # of the last message in the batch


def test_a_batch_is_sent_when_its_time_is_over(rules, endpoint, devices):
    rules.create("batch/time", enableBatching=True, batchConfig={"maxBatchOpenMs": 150})
    begin = time.monotonic()
    for n, device in enumerate(devices(2)):
        device.publish("batch/time", {"n": n})

    request = endpoint.wait_for(1)[0]
    assert sorted(one["n"] for one in request.json()) == [0, 1]
    assert time.monotonic() - begin >= 0.14


def test_a_batch_is_sent_when_another_message_would_be_too_many_bytes(rules, endpoint, devices):
    rules.create("batch/bytes", enableBatching=True, batchConfig={"maxBatchOpenMs": 200, "maxBatchSizeBytes": 100})
    begin = time.monotonic()
    for n, device in enumerate(devices(3)):
        device.publish("batch/bytes", {"n": n, "x": "y" * 40})

    requests = endpoint.wait_for(3)
    assert [len(request.json()) for request in requests] == [1, 1, 1]
    assert all(len(request.body) <= 100 for request in requests)
    assert time.monotonic() - begin < 2


def test_topics_are_not_mixed_unless_asked_for(rules, endpoint, devices):
    rules.create("batch/topics/+", url=endpoint.url + "/batch/topics", enableBatching=True, batchConfig={"maxBatchOpenMs": 100})
    rules.create("batch/mixed/+", url=endpoint.url + "/batch/mixed", enableBatching=True,
                 batchConfig={"maxBatchOpenMs": 200, "maxBatchSize": 2, "batchAcrossTopics": True})
    two = devices(2)
    for n, device in enumerate(two):
        device.publish(f"batch/topics/{n}", {"n": n})
    requests = endpoint.wait_for(2)
    assert [len(request.json()) for request in requests] == [1, 1]
    for n, device in enumerate(two):
        device.publish(f"batch/mixed/{n}", {"n": n})
    assert len(endpoint.wait_for(3)[2].json()) == 2


def test_a_batch_carries_text_and_refuses_other_bytes(rules, endpoint, devices):
    rules.create("batch/text", enableBatching=True, batchConfig={"maxBatchOpenMs": 20})
    one, two = devices(2)
    one.publish("batch/text", 'say "hi"')
    assert endpoint.wait_for(1)[0].json() == ['say "hi"']
    two.publish("batch/text", b"\xff\xfe")

    assert rules.document()["failures"][0]["errorMessage"] == (
        "HttpAction failed to make a request to the specified endpoint. The payload is not UTF-8 text, which a batch demands.")


def test_a_failed_batch_is_told_once_with_all_its_messages(rules, endpoint, devices):
    name = rules.create("batch/fail", enableBatching=True, batchConfig={"maxBatchOpenMs": 200, "maxBatchSize": 3})
    endpoint.answers = lambda request: (400 if request.path == "/batch/fail" else 200, {}, b"")
    three = devices(3)
    for n, device in enumerate(three):
        device.publish("batch/fail", json.dumps({"n": n}))

    document = rules.document()
    time.sleep(0.2)
    assert len([request for request in endpoint.requests if request.path == "/errors"]) == 1
    assert {key: value for key, value in document.items() if key != "payloadsWithMetadata"} == {
        "ruleName": name, "topic": "batch/fail",
        "failures": [{"affectedIds": [1, 2, 3], "failedAction": "HttpAction", "failedResource": endpoint.url + "/batch/fail",
                      "errorMessage": "HttpAction failed to make a request to the specified endpoint. "
                                      "StatusCode: 400. Reason: Bad Request."}]}
    told = document["payloadsWithMetadata"]
    sent = rules.tries()[0].json()
    assert [set(one) for one in told] == [{"id", "cloudwatchTraceId", "clientId", "sourceIp", "base64OriginalPayload"}] * 3
    assert [one["id"] for one in told] == [1, 2, 3]
    assert [json.loads(base64.b64decode(one["base64OriginalPayload"])) for one in told] == sent
    assert len({one["clientId"] for one in told}) == 3


def test_a_failed_batch_of_several_topics_tells_each(rules, endpoint, devices):
    rules.create("batch/fails/+", url=endpoint.url + "/batch/fails", enableBatching=True,
                 batchConfig={"maxBatchOpenMs": 200, "maxBatchSize": 2, "batchAcrossTopics": True})
    endpoint.answers = lambda request: (400 if request.path == "/batch/fails" else 200, {}, b"")
    for n, device in enumerate(devices(2)):
        device.publish(f"batch/fails/{n}", {"n": n})

    document = rules.document()
    assert "topic" not in document
    assert sorted(one["topic"] for one in document["payloadsWithMetadata"]) == ["batch/fails/0", "batch/fails/1"]


def test_a_client_sends_on_when_its_batch_is_over(rules, endpoint, devices):
    rules.create("batch/order", enableBatching=True, batchConfig={"maxBatchOpenMs": 5, "maxBatchSize": 10})
    many = devices(4)
    for n in range(25):
        for device in many:
            device.publish("batch/order", {"d": many.index(device), "n": n})
    deadline = time.monotonic() + 10
    while sum(len(request.json()) for request in endpoint.requests) < 100:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    arrived = [one for request in endpoint.requests for one in request.json()]
    for d in range(4):
        assert [one["n"] for one in arrived if one["d"] == d] == list(range(25))


# --- parameters ---

URL = "https://example.com"


@pytest.mark.parametrize("action, message", [
    ({}, "The parameter 'url' is required."),
    ({"url": "http://example.com"}, "The value of 'url' is not valid: the URL must start with https://."),
    ({"url": URL + "/${topic()}"}, "The parameter 'confirmationUrl' is required when 'url' has substitution templates."),
    ({"url": URL, "confirmationUrl": "https://example.org"}, "The url must begin with the confirmationUrl."),
    ({"url": URL + ".evil.org", "confirmationUrl": URL}, "The url must be of the host of the confirmationUrl."),
    ({"url": URL, "headers": [{"key": "a b", "value": "x"}]}, "The header key 'a b' is not valid."),
    ({"url": URL, "headers": [{"key": "Host", "value": "x"}]}, "The header key 'Host' is not valid."),
    ({"url": URL, "headers": [{"key": "x" * 257, "value": "x"}]}, "The key of a header can have at most 256 bytes."),
    ({"url": URL, "headers": [{"key": "a", "value": "x"}] * 101}, "'headers' can have at most 100 entries."),
    ({"url": URL, "headers": [{"key": "a"}]}, "The parameter 'value' is required."),
    ({"url": URL, "auth": {"sigv4": {"signingRegion": "us-east-1", "serviceName": "x", "roleArn": "r"}}},
     "The roleArn 'r' is not a valid role ARN."),
    ({"url": URL, "batchConfig": {"maxBatchSize": 1}}, "'maxBatchSize' must be a number from 2 to 10."),
    ({"url": URL, "batchConfig": {"maxBatchSize": 11}}, "'maxBatchSize' must be a number from 2 to 10."),
    ({"url": URL, "batchConfig": {"maxBatchOpenMs": 201}}, "'maxBatchOpenMs' must be a number from 5 to 200."),
    ({"url": URL, "batchConfig": {"maxBatchSizeBytes": 99}}, "'maxBatchSizeBytes' must be a number from 100 to 131072."),
    ({"url": URL, "batchConfig": {"batchAcrossTopics": "yes"}}, "'batchAcrossTopics' must be true or false."),
    ({"url": URL, "enableBatching": "yes"}, "'enableBatching' must be true or false."),
])
def test_parameters_that_are_refused(call_rule, action, message):
    assert call_rule({"actions": [{"http": action}]}) == ("InvalidRequestException", 400, message)


@pytest.mark.parametrize("more", [{"enableBatching": True}, {"batchConfig": {"maxBatchSize": 5}}])
def test_an_error_action_has_no_batches(call_rule, more):
    assert call_rule({"actions": [], "errorAction": {"http": {"url": URL, **more}}}) == (
        "InvalidRequestException", 400, "The batchConfig is not allowed in an errorAction.")


@pytest.fixture(scope="module")
def call_rule(croft):
    def perform(payload):
        code, status, answer = signed(croft, "POST", "/rules/refused", {
            "sql": "SELECT * FROM 'a'", "awsIotSqlVersion": "2016-03-23", **payload})
        return code, status, answer.get("message")

    return perform
