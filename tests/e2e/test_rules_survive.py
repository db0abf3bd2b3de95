"""A QoS 1 message is acknowledged when its rules are sure to act on it, also over a crash, and in order."""

import io
import json
import zipfile

import pytest
from conftest import wait_until
from http_endpoint import Endpoint, signed
from mqtt_wire import V5, Client, last_will

ROLE = "arn:aws:iam::000000000000:role/r"
# Keeps every number that it saw in a list, in the order of its calls, and takes its time.
CODE = """
import time, boto3
table = boto3.resource("dynamodb").Table("seen")
def handler(event, context):
    time.sleep(0.3)
    table.update_item(Key={"id": event["from"]}, UpdateExpression="SET numbers = list_append(if_not_exists(numbers, :none), :one)",
                      ExpressionAttributeValues={":one": [event["number"]], ":none": []})
"""


def package():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("f.py", CODE)
    return memory.getvalue()


@pytest.fixture
def croft(fresh_croft):
    croft = fresh_croft("--device-shards", "2")
    croft.client("dynamodb").create_table(TableName="seen", BillingMode="PAY_PER_REQUEST",
                                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    functions = croft.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Role=ROLE, Handler="f.handler", Timeout=30,
                              Code={"ZipFile": package()})
    functions.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    arn = functions.get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    rule(croft, "keep", "SELECT topic(2) AS from, number FROM 'in/+' WHERE number >= 0", {"lambda": {"functionArn": arn}})
    return croft


def rule(croft, name, sql, *actions):
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload={
        "sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions)})


def seen(croft):
    items = croft.client("dynamodb").scan(TableName="seen")["Items"]
    return {item["id"]["S"]: [int(number["N"]) for number in item["numbers"]["L"]] for item in items}


def without_repeats(numbers):
    return list(dict.fromkeys(numbers))


def test_what_was_acknowledged_reaches_the_rules_after_a_kill_in_order(croft):
    names = ["a", "b", "c", "d"]
    for name in names:
        with Client(croft, name, V5) as client:
            for number in range(6):
                client.publish(f"in/{name}", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    croft.kill()
    assert sum(len(numbers) for numbers in seen_after(croft).values()) < 24, "the crash came too late to tell anything"

    wait_until(lambda: all(len(without_repeats(numbers)) == 6 for numbers in all_of(croft, names)), timeout=40)

    for numbers in all_of(croft, names):
        assert without_repeats(numbers) == list(range(6))


def seen_after(croft):
    croft.start()
    return seen(croft)


def all_of(croft, names):
    now = seen(croft)
    return [now.get(name, []) for name in names]


def test_wills_of_the_crash_do_not_take_the_place_of_what_was_left(croft):
    willed = Client(croft, "willed", V5, **last_will("in/will", b'{"number": 99}', qos=1))
    for name in ["a", "b", "c", "d"]:
        with Client(croft, name, V5) as client:
            for number in range(4):
                client.publish(f"in/{name}", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    croft.kill()
    willed.drop()
    croft.start()

    wait_until(lambda: seen(croft).get("will") == [99], timeout=40)
    wait_until(lambda: all(without_repeats(numbers) == [0, 1, 2, 3] for numbers in all_of(croft, "abcd")), timeout=40)


def test_an_http_publish_is_answered_when_the_rules_are_sure_to_act(croft):
    data = croft.client("iot-data")
    for number in range(4):
        data.publish(topic="in/http", qos=1, payload=b'{"number": %d}' % number)
    croft.kill()
    croft.start()

    wait_until(lambda: without_repeats(seen(croft).get("http", [])) == [0, 1, 2, 3], timeout=40)


def test_a_chain_of_rules_survives(croft):
    rule(croft, "first", "SELECT * FROM 'start'", {"republish": {"topic": "in/chain", "qos": 1, "roleArn": ROLE}})
    with Client(croft, "device", V5) as client:
        for number in range(4):
            client.publish("start", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    croft.kill()
    croft.start()

    wait_until(lambda: without_repeats(seen(croft).get("chain", [])) == [0, 1, 2, 3], timeout=40)


def test_messages_that_rules_are_done_with_are_not_seen_again(croft):
    with Client(croft, "device", V5) as client:
        client.publish("in/once", b'{"number": 1}', qos=1, packet_id=1)
        client.publish("in/once", b'{"number": -1}', qos=1, packet_id=2)  # WHERE lets it not through
    wait_until(lambda: seen(croft).get("once") == [1])
    croft.client("iot-data").publish(topic="in/other", qos=1, payload=b'{"number": 7}')  # its commit follows the erasure
    wait_until(lambda: seen(croft).get("other") == [7])
    croft.kill()
    croft.start()
    croft.client("iot-data").publish(topic="in/last", qos=1, payload=b'{"number": 9}')

    wait_until(lambda: seen(croft).get("last") == [9])

    assert seen(croft)["once"] == [1]


# Each action, behind one that takes its time.

class Taken:
    """How one action is told where to go, and what arrived there."""

    def __init__(self, croft, endpoint):
        self.croft, self.endpoint = croft, endpoint

    def prepare(self):
        """The action's parameters."""

    def numbers(self):
        """In the order of arrival where there is one, with repeats."""


class DynamoDbV2(Taken):
    def prepare(self):
        self.croft.client("dynamodb").create_table(
            TableName="taken", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}])
        return {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "taken"}}}

    def numbers(self):
        return [int(item["number"]["N"]) for item in self.croft.client("dynamodb").scan(TableName="taken")["Items"]]


class DynamoDb(DynamoDbV2):
    def prepare(self):
        super().prepare()
        return {"dynamoDB": {"roleArn": ROLE, "tableName": "taken", "hashKeyField": "number", "hashKeyType": "NUMBER",
                             "hashKeyValue": "${number}"}}


class S3(Taken):
    def prepare(self):
        self.croft.client("s3").create_bucket(Bucket="taken")
        return {"s3": {"roleArn": ROLE, "bucketName": "taken", "key": "${number}"}}

    def numbers(self):
        return [int(one["Key"]) for one in self.croft.client("s3").list_objects_v2(Bucket="taken").get("Contents", [])]


class Sqs(Taken):
    seen = ()

    def prepare(self):
        url = self.croft.client("sqs").create_queue(QueueName="taken")["QueueUrl"]
        return {"sqs": {"roleArn": ROLE, "queueUrl": url}}

    def numbers(self):
        sqs = self.croft.client("sqs")
        url = sqs.get_queue_url(QueueName="taken")["QueueUrl"]
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            self.seen = (*self.seen, json.loads(message["Body"])["number"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return list(self.seen)


class Http(Taken):
    def prepare(self):
        return {"http": {"url": self.endpoint.url + "/taken"}}

    def numbers(self):
        return [request.json()["number"] for request in list(self.endpoint.requests)]


@pytest.fixture
def endpoint():
    server = Endpoint()
    yield server
    server.stop()


@pytest.mark.parametrize("action", [DynamoDb, DynamoDbV2, S3, Sqs, Http])
def test_each_action_is_done_after_a_kill(croft, endpoint, action):
    taken = action(croft, endpoint)
    arn = croft.client("lambda").get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    actions = [{"lambda": {"functionArn": arn}}, taken.prepare()]
    made = signed(croft, "POST", "/rules/slow", {"sql": "SELECT number, topic() AS from FROM 'slow'", "awsIotSqlVersion": "2016-03-23",
                                                 "actions": actions})
    assert made == ("", 200, {})
    wait_until(lambda: all(one["status"] == "ENABLED" for one in
                           croft.client("iot").list_topic_rule_destinations()["destinationSummaries"]))
    with Client(croft, "device", V5) as client:
        for number in range(6):
            client.publish("slow", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    croft.kill()
    croft.start()
    before = taken.numbers()
    assert len(before) < 6, "the crash came too late to tell anything"

    wait_until(lambda: set(taken.numbers()) == set(range(6)), timeout=40)

    if action in (Sqs, Http):
        assert without_repeats(taken.numbers()) == list(range(6))
