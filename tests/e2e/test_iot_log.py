"""The log of AWS IoT: its options by the API, its entries by `croft logs` and in the file."""

import json
import subprocess

import pytest
from botocore.exceptions import ClientError
from conftest import wait_until
from mqtt_wire import V5, Client

ROLE = "arn:aws:iam::000000000000:role/r"
COMMON = {"timestamp", "logLevel", "traceId", "accountId", "status", "eventType", "clientId", "topicName", "ruleName", "principalId"}


@pytest.fixture
def croft(fresh_croft):
    croft = fresh_croft()
    croft.client("iot").create_topic_rule(ruleName="again", topicRulePayload={
        "sql": "SELECT * FROM 'in' WHERE n > 0", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"republish": {"topic": "out", "roleArn": ROLE}},
                    {"dynamoDB": {"tableName": "missing", "roleArn": ROLE, "hashKeyField": "id", "hashKeyValue": "${topic()}"}}]})
    return croft


def publish(croft, client_id="device", topic="in", payload=b'{"n": 1}'):
    with Client(croft, client_id, V5) as client:
        client.publish(topic, payload, qos=1, packet_id=1)


def entries(croft, *options):
    return [json.loads(line) for line in croft.run("logs", *options).stdout.splitlines()]


def kinds(croft, *options):
    return [(entry["logLevel"], entry["eventType"], entry["status"], entry.get("ruleAction")) for entry in entries(croft, *options)]


MATCH = ("INFO", "RuleMatch", "Success", None)
REPUBLISHED = ("INFO", "RuleExecution", "Success", "RepublishAction")
FAILED = ("ERROR", "RuleExecution", "Failure", "DynamoAction")


def test_nothing_is_logged_before_a_level_is_set(croft):
    publish(croft)
    iot = croft.client("iot")
    for ask in (iot.get_v2_logging_options, iot.list_v2_logging_levels):
        with pytest.raises(ClientError) as refused:
            ask()
        assert refused.value.response["Error"]["Code"] == "NotConfiguredException"
    assert entries(croft) == []


def test_a_rule_tells_what_it_did(croft):
    croft.client("iot").set_v2_logging_options(roleArn=ROLE, defaultLogLevel="INFO")
    publish(croft)
    wait_until(lambda: len(entries(croft)) == 3)

    assert kinds(croft) == [MATCH, REPUBLISHED, FAILED]
    match, republished, failed = entries(croft)
    assert set(match) == COMMON
    assert match["clientId"] == "device" and match["topicName"] == "in" and match["ruleName"] == "again"
    assert republished["resources"] == {"RepublishTopic": "out"}
    assert failed["resources"] == {"ItemHashKeyField": "id", "Table": "missing", "Operation": "INSERT", "ItemHashKeyValue": "in",
                                   "IsPayloadJSON": "true"}
    assert failed["details"] == "Requested resource not found"
    assert len({entry["traceId"] for entry in entries(croft)}) == 1


def test_levels(croft):
    iot = croft.client("iot")
    iot.set_v2_logging_options(roleArn=ROLE, defaultLogLevel="ERROR")
    iot.set_v2_logging_level(logTarget={"targetType": "CLIENT_ID", "targetName": "chatty"}, logLevel="DEBUG")
    assert iot.list_v2_logging_levels()["logTargetConfigurations"] == [
        {"logTarget": {"targetType": "DEFAULT"}, "logLevel": "ERROR"},
        {"logTarget": {"targetType": "CLIENT_ID", "targetName": "chatty"}, "logLevel": "DEBUG"}]
    publish(croft)
    wait_until(lambda: entries(croft))
    assert kinds(croft) == [FAILED]
    publish(croft, "chatty")
    wait_until(lambda: len(entries(croft)) == 6)
    assert kinds(croft, "--client-id", "chatty") == [
        MATCH, ("DEBUG", "StartingRuleExecution", "Success", "RepublishAction"), REPUBLISHED,
        ("DEBUG", "StartingRuleExecution", "Success", "DynamoAction"), FAILED]

    iot.delete_v2_logging_level(targetType="CLIENT_ID", targetName="chatty")
    iot.set_v2_logging_options(roleArn=ROLE, defaultLogLevel="DEBUG", disableAllLogs=True)
    assert iot.get_v2_logging_options()["disableAllLogs"] is True
    publish(croft, "chatty")
    publish(croft, "chatty", payload=b'{"n": 0}')
    assert len(entries(croft)) == 6


def test_basic_ingest_to_no_rule_and_the_filter_by_rule(croft):
    croft.client("iot").set_v2_logging_options(roleArn=ROLE, defaultLogLevel="ERROR")
    publish(croft, topic="$aws/rules/nowhere/a")
    publish(croft)
    wait_until(lambda: len(entries(croft)) == 2)
    (lost,) = entries(croft, "--rule", "nowhere")
    assert (lost["eventType"], lost["reason"], lost["topicName"]) == ("RuleNotFound", "RuleNotFound", "$aws/rules/nowhere")
    assert lost["details"] == "Rule nowhere not found"


def test_follow_and_restart(croft):
    croft.client("iot").set_v2_logging_options(roleArn=ROLE, defaultLogLevel="ERROR")
    publish(croft)
    wait_until(lambda: entries(croft))
    croft.stop()
    croft.start()
    follower = subprocess.Popen([croft.binary, "logs", "-f", "--data", str(croft.data)], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(follower.stdout.readline())["clientId"] == "device"
        publish(croft, "second")
        assert json.loads(follower.stdout.readline())["clientId"] == "second"
    finally:
        follower.terminate()
        follower.wait()


@pytest.mark.parametrize("ask, arguments", [
    ("set_v2_logging_options", {"defaultLogLevel": "INFO"}),
    ("set_v2_logging_options", {"roleArn": ROLE, "defaultLogLevel": "LOUD"}),
    ("set_v2_logging_level", {"logTarget": {"targetType": "THING_GROUP", "targetName": "g"}, "logLevel": "INFO"}),
    ("set_v2_logging_level", {"logTarget": {"targetType": "CLIENT_ID"}, "logLevel": "INFO"}),
])
def test_what_is_refused(croft, ask, arguments):
    iot = croft.client("iot")
    if ask == "set_v2_logging_level":
        iot.set_v2_logging_options(roleArn=ROLE, defaultLogLevel="INFO")
    with pytest.raises(ClientError) as refused:
        getattr(iot, ask)(**arguments)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
