"""The console's Rules screen, and what croft remembers of each rule for it."""

import base64
import json
import time

from console_page import ask, browser, passed

ROLE = "arn:aws:iam::000000000000:role/rules"


def recent(croft, name):
    return ask(croft, "GET", f"/_croft/rules/{name}/recent").json


def make_rule(croft, name, sql, actions=(), **more):
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload={
        "sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions), **more})


def publish(croft, topic, payload):
    croft.client("iot-data").publish(topic=topic, qos=1, payload=payload)


def test_rules(fresh_croft):
    croft = fresh_croft()
    assert len(passed(browser(croft, "rules.mjs"))) == 7
    names = [rule["ruleName"] for rule in croft.client("iot").list_topic_rules()["rules"]]
    assert names == ["heat_rule", "hostile", "hot", "marked", "presence", "replayed"]


def test_the_last_message_of_a_rule_is_remembered_and_can_be_tested(croft, eventually):
    make_rule(croft, "remembers", "SELECT a FROM 'remember/+' WHERE a > 1")
    assert recent(croft, "remembers") == {"ruleName": "remembers", "failures": []}
    publish(croft, "remember/1", '{"a":1}')
    publish(croft, "remember/2", '{"a":2}')
    last = eventually(lambda: recent(croft, "remembers").get("lastMessage"))
    assert (last["topic"], last["payloadText"]) == ("remember/2", '{"a":2}')
    publish(croft, "remember/3", b"\xff\x00")
    last = eventually(lambda: recent(croft, "remembers")["lastMessage"].get("payloadBase64") and recent(croft, "remembers")["lastMessage"])
    assert base64.b64decode(last["payloadBase64"]) == b"\xff\x00" and "payloadText" not in last
    publish(croft, "remember/4", "x" * 16_384)
    assert recent(croft, "remembers")["lastMessage"]["topic"] == "remember/3", "a long one is not kept"
    missing = ask(croft, "GET", "/_croft/rules/none/recent")
    assert missing.status == 404 and missing.json == {"code": "NotFound", "message": "there is no rule 'none'"}


def test_failures_are_remembered_with_what_the_error_action_gets(croft, eventually):
    action = {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "not-there"}}}
    make_rule(croft, "fails", "SELECT * FROM 'fails/#'", [action])
    for n in range(12):
        time.sleep(0.02)  # of many in a short time only some are kept
        publish(croft, f"fails/{n}", json.dumps({"n": n}))
        eventually(lambda: recent(croft, "fails")["failures"] and recent(croft, "fails")["failures"][0]["number"] == n + 1)
    failures = recent(croft, "fails")["failures"]
    assert [failure["number"] for failure in failures] == list(range(12, 2, -1)), "ten are kept, newest first"
    newest = failures[0]
    assert (newest["action"], newest["resource"], newest["code"], newest["message"]) == (
        "DynamoDBv2Action", "not-there", "ResourceNotFoundException", "Requested resource not found")
    document = json.loads(newest["document"])
    assert (document["ruleName"], document["topic"]) == ("fails", "fails/11")
    assert base64.b64decode(document["base64OriginalPayload"]) == b'{"n": 11}'
    assert document["failures"] == [{"failedAction": "DynamoDBv2Action", "failedResource": "not-there",
                                     "errorMessage": "Requested resource not found"}]
    croft.client("iot").delete_topic_rule(ruleName="fails")
    make_rule(croft, "fails", "SELECT * FROM 'fails/#'", [action])
    assert recent(croft, "fails") == {"ruleName": "fails", "failures": []}, "another rule of that name has no past"


def test_a_statement_that_cannot_be_evaluated_is_a_failure_without_an_action(croft, eventually):
    make_rule(croft, "aborts", "SELECT aws_lambda('arn:aws:lambda:us-east-1:000000000000:function:none', *) AS x FROM 'aborts'")
    publish(croft, "aborts", "{}")
    failure = eventually(lambda: recent(croft, "aborts")["failures"])[0]
    assert (failure["action"], failure["resource"]) == ("", "") and failure["message"]
    assert json.loads(failure["document"])["failures"] == []
