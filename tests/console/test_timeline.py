"""One client's timeline and the traces of its events on the page."""

from console_page import browser, passed
from conftest import ARTICLE


def test_timelines_and_traces(fresh_croft):
    croft = fresh_croft()
    croft.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "status", "--capabilities", "CAPABILITY_IAM")
    role = "arn:aws:iam::000000000000:role/rules"
    rules = {"only_pumps": "SELECT * FROM '$aws/events/presence/connected/valve-1' WHERE startswith(clientId, 'pump')",
             "to_nowhere": "SELECT clientId AS id FROM '$aws/events/presence/connected/pump-9'"}
    for name, sql in rules.items():
        croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload={
            "sql": sql, "awsIotSqlVersion": "2016-03-23",
            "actions": [{"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "missing"}}}]})
    assert len(passed(browser(croft, "timeline.mjs"))) == 8
