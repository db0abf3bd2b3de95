"""croft rules: statements tried without a server, and what the rules of a running croft did."""

import base64
import json
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import BINARY, ROOT, wait_until

CASES = ROOT / "tests" / "sql" / "iot-sql-cases.json"
ROLE = "arn:aws:iam::000000000000:role/rules"


def rules_test(*arguments, payload=None):
    """Code, standard output and standard error of `croft rules test`; the payload goes in by standard input."""
    if payload is not None:
        arguments += ("--payload", "-")
    done = subprocess.run([BINARY, "rules", "test", *arguments], input=payload or b"", capture_output=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tried(sql, payload=b"{}", *arguments, topic="t/1"):
    return rules_test("--sql", sql, "--topic", topic, *arguments, payload=payload)


def test_the_result_is_printed(tmp_path):
    assert tried("SELECT a + 1 AS b FROM 't/+'", b'{"a": 1}') == (0, '{"b":2}\n', "")
    assert tried("SELECT clientid() AS c, accountid() AS a FROM 't/+'", b"", "--client-id", "d-1",
                 "--account-id", "123456789012") == (0, '{"c":"d-1","a":"123456789012"}\n', "")
    assert tried("SELECT VALUE a FROM 't/+'", b'{"a": 10.0}', "--sql-version", "2015-10-08") == (0, "10.0\n", "")
    assert tried("SELECT topic() AS t", b"", topic="$aws/rules/some/a/b") == (0, '{"t":"a/b"}\n', "")
    (tmp_path / "payload").write_bytes(b'{"a":\n7}')
    assert rules_test("--sql", "SELECT * FROM 't'", "--topic", "t", "--payload", str(tmp_path / "payload")) == (
        0, '{"a":\n7}\n', "")
    assert rules_test("--sql", "SELECT 1 AS a FROM 't'", "--topic", "t") == (0, '{"a":1}\n', "")


def test_bytes_go_in_and_come_out_as_base64():
    encoded = base64.b64encode(b"\xff\x00")
    assert tried("SELECT * FROM 't/+'", encoded + b"\n", "--base64") == (0, encoded.decode() + "\n", "")
    code, out, _ = tried("SELECT encode(*, 'base64') AS e FROM 't/+'", encoded, "--base64")
    assert (code, base64.b64decode(out)) == (0, b'{"e":"/wA="}')
    assert tried("SELECT * FROM 't/+'", b"!", "--base64") == (1, "", "croft: InvalidPayload: the payload is not base64\n")


def test_why_nothing_would_run_is_told():
    assert tried("SELECT * FROM 't/+' WHERE a > 1", b'{"a": 1}') == (0, "WHERE is not true: no action would run.\n", "")
    assert tried("SELECT * FROM 'u/#'") == (0, "FROM 'u/#' is not for this topic: the rule would not run.\n", "")
    assert tried("SELECT *") == (0, "The statement has no FROM: it is for Basic Ingest only.\n", "")


def test_a_caret_stands_below_what_cannot_be_read():
    assert tried("SELECT a,\n  upper(b c\nFROM 't'") == (
        1, "", "croft: SqlParseException: line 2, column 11: expected ',' or ')', found 'c'\n    upper(b c\n            ^\n")
    wide = "SELECT '\u00e9\u65e5' b FROM 't'"
    assert tried(wide)[2].splitlines()[1:] == ["  " + wide, "               ^"]
    long = tried("SELECT " + "a, " * 200 + "b c FROM 't'")[2].splitlines()
    assert len(long[1]) < 130 and long[1][len(long[2]) - 1:].startswith("c FROM")
    assert tried("SELECT * FROM 't/+'", b"", "--sql-version", "2020")[2] == (
        "croft: InvalidRequestException: awsIotSqlVersion must be 2015-10-08, 2016-03-23 or beta\n")


def test_an_explanation_shows_each_part():
    assert tried("SELECT color AS c, missing FROM 't/+' WHERE temperature > low + 1 AND upper(color) = 'RED'",
                 b'{"temperature": 51.5, "low": 49, "color": "red"}', "--explain")[1].splitlines() == [
        "WHERE",
        "  temperature > low + 1 AND upper(color) = 'RED'  ->  true",
        "    temperature > low + 1  ->  true",
        "      temperature  ->  51.5",
        "      low + 1  ->  50",
        "        low  ->  49",
        "    upper(color) = 'RED'  ->  true",
        "      upper(color)  ->  \"RED\"",
        "        color  ->  \"red\"",
        "SELECT",
        "  color  ->  \"red\"",
        "  missing  ->  undefined",
        "RESULT",
        '{"c":"red"}']
    code, out, _ = tried("SELECT a FROM 't/+' WHERE b", b'{"b": false}', "--explain", "--json")
    assert (code, json.loads(out)) == (0, {"outcome": "NOT_TRUE", "topicFilter": "t/+", "steps": [
        {"depth": 0, "clause": "WHERE", "expression": "b", "value": "false"}]})


def test_what_is_not_understood_ends_with_2():
    assert rules_test() == (2, "", "croft: MissingOption: give --sql and --topic, or --cases\n")
    assert rules_test("--sql", "SELECT *")[0] == 2
    assert rules_test("--nonsense")[0] == 2
    assert rules_test("--sql", "SELECT *", "--topic", "t", "--payload", "/nowhere/at/all")[0] == 1


def test_every_case_of_the_reference_passes():
    count = len(json.loads(CASES.read_text()))
    assert rules_test("--cases", str(CASES)) == (0, f"{count} passed, 0 failed\n", "")


def test_failing_cases_are_shown(tmp_path):
    cases = [{"id": "good", "sql": "SELECT a FROM 't'", "topic": "t", "payload": {"a": 1}, "expect": {"a": 1}},
             {"id": "other", "sql": "SELECT a FROM 't'", "topic": "t", "payload": {"a": 1}, "expect": {"a": 2}},
             {"id": "refused", "sql": "SELECT", "topic": "t", "payload": {}, "expect": {"no_match": True}},
             {"id": "matched", "sql": "SELECT * FROM 't'", "topic": "t", "payload_base64": "eA==", "expect": {"no_match": True}}]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    code, out, error = rules_test("--cases", str(tmp_path / "cases.json"))
    assert (code, error) == (1, "")
    assert out.splitlines() == [
        "FAILED other", "  statement  SELECT a FROM 't'", '  expected   {"a":2}', '  actual     {"a":1}',
        "FAILED refused", "  statement  SELECT", "  expected   no match",
        "  actual     refused: line 1, column 7: expected an expression, found the end of the text",
        "FAILED matched", "  statement  SELECT * FROM 't'", "  expected   no match", "  actual     x",
        "1 passed, 3 failed"]
    assert rules_test("--cases", "-", payload=None)[2] == "croft: InvalidCases: the cases are not a JSON list\n"
    (tmp_path / "cases.json").write_text('[{"sql": "SELECT *", "topic": "t"}]')
    assert rules_test("--cases", str(tmp_path / "cases.json"))[2] == "croft: InvalidCases: case 1 has no 'expect'\n"


@pytest.fixture(scope="module")
def rule(croft):
    """make(sql, *actions, **more) -> the name of a rule."""
    made = []

    def make(sql, *actions, **more):
        made.append(f"rules_cli_{len(made)}")
        croft.client("iot").create_topic_rule(ruleName=made[-1], topicRulePayload={
            "sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions), **more})
        return made[-1]

    return make


def republish(topic):
    return {"republish": {"topic": topic, "roleArn": ROLE}}


def metrics(croft, name):
    return json.loads(croft.run("rules", "metrics", name, "--json").stdout)["metrics"]


def test_metrics_count_what_a_rule_did(croft, rule):
    name = rule("SELECT a FROM 'cli/+/in' WHERE a > 1", republish("cli/out"), republish("cli/${missing}"),
                errorAction=republish("cli/error"))
    nothing = {"topicMatch": 0, "parseError": 0, "executed": 0, "evaluationFailure": 0,
               "actions": [{"action": "RepublishAction", "success": 0, "failure": 0}],
               "errorActions": [{"action": "RepublishAction", "success": 0, "failure": 0}]}
    assert metrics(croft, name) == nothing
    for payload in ['{"a": 1}', '{"a": 2}', "no json", '{"a": 3}']:
        croft.run("publish", "cli/1/in", payload, "--qos", "1")
    croft.run("publish", "cli/1/other", '{"a": 2}', "--qos", "1")
    counted = {"topicMatch": 4, "parseError": 1, "executed": 2, "evaluationFailure": 0,
               "actions": [{"action": "RepublishAction", "success": 2, "failure": 2}],
               "errorActions": [{"action": "RepublishAction", "success": 2, "failure": 0}]}
    wait_until(lambda: metrics(croft, name) == counted)

    croft.client("iot").replace_topic_rule(ruleName=name, topicRulePayload={"sql": "SELECT * FROM 'cli/+/in'", "actions": []})
    assert metrics(croft, name) == {**counted}
    table = croft.run("rules", "metrics").stdout
    assert table.split("\n")[0].split() == [
        "RULE", "MATCHED", "EXECUTED", "FAILED", "NO", "JSON", "ACTIONS", "(SUCCESS/FAILURE)", "ERROR", "ACTION"]
    line, = [line for line in table.splitlines() if line.startswith(name + " ")]
    assert line.split() == [name, "4", "2", "0", "1", "RepublishAction", "2/2", "RepublishAction", "2/0"]
    croft.client("iot").delete_topic_rule(ruleName=name)
    done = croft.run("rules", "metrics", name, check=False)
    assert (done.returncode, done.stderr) == (1, f"croft: NotFound: there is no rule '{name}'\n")


def page(croft, path, body=None, method=None):
    request = urllib.request.Request(croft.endpoints["gateway"] + path, data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_the_page_shows_rules(croft, rule):
    name = rule("SELECT * FROM 'page/#'", republish("page"), ruleDisabled=True, description="of the page")
    status, all_rules = page(croft, "/_croft/rules")
    shown, = [one for one in all_rules["rules"] if one["ruleName"] == name]
    assert (status, shown["topicPattern"], shown["ruleDisabled"]) == (200, "page/#", True)
    assert shown["ruleArn"] == f"arn:aws:iot:us-east-1:000000000000:rule/{name}"
    assert shown["createdAt"] > 1_600_000_000_000

    status, one = page(croft, "/_croft/rules/" + name)
    assert (status, one["rule"]["sql"], one["rule"]["description"]) == (200, "SELECT * FROM 'page/#'", "of the page")
    assert {key: value for key, value in one.items() if key != "rule"} == shown
    assert page(croft, "/_croft/rules/no_such") == (404, {"code": "NotFound", "message": "there is no rule 'no_such'"})
    assert page(croft, "/_croft/rules", b"{}")[0] == 405


def test_the_page_tries_statements(croft):
    def tried_there(**trial):
        return page(croft, "/_croft/rules/test", json.dumps(trial).encode())

    assert tried_there(sql="SELECT a, accountid() AS i FROM 't'", topic="t", payload={"a": [1]}) == (
        200, {"outcome": "RESULT", "payloadText": '{"a":[1],"i":"000000000000"}', "topicFilter": "t"})
    assert tried_there(sql="SELECT a FROM t", topic="t") == (
        200, {"outcome": "REFUSED", "code": "SqlParseException", "line": 1, "column": 15,
              "message": "line 1, column 15: expected a topic filter in quotes, found 't'"})
    assert tried_there(sql="SELECT a FROM 't'", topic="t", explain=True)[1]["steps"] == [
        {"depth": 0, "clause": "SELECT", "expression": "a", "value": "undefined"}]
    assert tried_there(sql="SELECT a FROM 't'") == (400, {"code": "InvalidRequestException", "message": "'topic' is missing"})
    assert page(croft, "/_croft/rules/test", b"[]")[1]["message"] == "the request is not a JSON object"
    assert page(croft, "/_croft/rules/test", b"{")[0] == 400


def test_the_number_of_rules_is_a_setting(fresh_croft):
    server = fresh_croft("--rules.rules-max", "2", "--ephemeral")
    iot = server.client("iot")
    for i in range(2):
        iot.create_topic_rule(ruleName=f"r{i}", topicRulePayload={"sql": "SELECT * FROM 't'", "actions": []})
    with pytest.raises(iot.exceptions.ClientError) as refused:
        iot.create_topic_rule(ruleName="r2", topicRulePayload={"sql": "SELECT * FROM 't'", "actions": []})
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (
        "LimitExceededException", "The number of rules exceeds the limit of 2.")
    assert server.stop() == 0
