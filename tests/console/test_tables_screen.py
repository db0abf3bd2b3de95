"""The Tables screen in Debian's Chromium, and what the feed tells it of changes."""

import time

from console_page import Feed, browser, data, passed
from conftest import ARTICLE


def test_the_tables_screen(fresh_croft, tmp_path):
    croft = fresh_croft()
    assert len(passed(browser(croft, "tables.mjs", croft.binary, str(ARTICLE / "sam.yml"), str(tmp_path)))) == 12


class Items(Feed):
    """The feed of one table's items."""

    def __init__(self, croft, table):
        super().__init__(croft, f"items:{table}")
        self.name, self.waiting = f"items:{table}", []
        assert self.event() == ("hello", {})

    def change(self):
        """The next one without its time."""
        while not self.waiting:
            name, self.waiting = self.event()
            assert name == self.name
        change = self.waiting.pop(0)
        assert abs(change.pop("t") / 1000 - time.time()) < 60
        return change


def make_table(croft, name):
    dynamodb = croft.client("dynamodb")
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    return dynamodb


def item(key, **numbers):
    return {"id": {"S": key}, **{name: {"N": str(value)} for name, value in numbers.items()}}


def test_every_kind_of_write_is_told(croft):
    dynamodb = make_table(croft, "watched")
    make_table(croft, "beside")
    feed = Items(croft, "watched")

    def told(before, after, **more):
        assert feed.change() == {"k": {"id": (after or before)["id"]}, "o": before, "n": after, **more}

    dynamodb.put_item(TableName="beside", Item=item("a"))
    dynamodb.put_item(TableName="watched", Item=item("a", n=1))
    told(None, item("a", n=1))
    dynamodb.put_item(TableName="watched", Item=item("a", n=1))  # changes nothing
    dynamodb.update_item(TableName="watched", Key=item("a"), UpdateExpression="SET n = n + :one",
                         ExpressionAttributeValues={":one": {"N": "1"}})
    told(item("a", n=1), item("a", n=2))
    dynamodb.batch_write_item(RequestItems={
        "watched": [{"PutRequest": {"Item": item("b", n=1)}}, {"DeleteRequest": {"Key": item("a")}}]})
    told(None, item("b", n=1))
    told(item("a", n=2), None)
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "watched", "Item": item("c", n=1)}},
                                                 {"Delete": {"TableName": "watched", "Key": item("b")}}])
    told(None, item("c", n=1))
    told(item("b", n=1), None)
    dynamodb.execute_statement(Statement="UPDATE watched SET n = 7 WHERE id = 'c'")
    told(item("c", n=1), item("c", n=7))
    dynamodb.delete_item(TableName="watched", Key=item("c"))
    told(item("c", n=7), None)
    dynamodb.delete_item(TableName="watched", Key=item("c"))  # is gone already
    dynamodb.update_time_to_live(TableName="watched", TimeToLiveSpecification={"Enabled": True, "AttributeName": "end"})
    expired = item("d", end=int(time.time()) - 10)
    dynamodb.put_item(TableName="watched", Item=expired)
    told(None, expired)
    told(expired, None, ttl=True)
    dynamodb.put_item(TableName="watched", Item={"id": {"S": "e"}, "text": {"S": "x" * 5000}})
    assert feed.change() == {"k": item("e"), "o": None, "n": True}
    feed.close()


def test_writes_of_rules_are_told(croft, eventually):
    dynamodb = make_table(croft, "ruled")
    iot = croft.client("iot")
    iot.create_topic_rule(ruleName="to_table", topicRulePayload={
        "sql": "SELECT topic(2) AS id, n FROM 'plant/+'", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"dynamoDBv2": {"roleArn": "arn:aws:iam::000000000000:role/rules", "putItem": {"tableName": "ruled"}}}]})
    feed = Items(croft, "ruled")
    croft.run("publish", "plant/pump", '{"n":5}')
    assert feed.change() == {"k": item("pump"), "o": None, "n": item("pump", n=5)}
    assert dynamodb.get_item(TableName="ruled", Key=item("pump"))["Item"] == item("pump", n=5)
    feed.close()


def test_a_slow_reader_is_told_the_newest_of_each_item(fresh_croft):
    croft = fresh_croft()
    dynamodb = make_table(croft, "merged")
    feed = Items(croft, "merged")
    for n in range(300):
        dynamodb.put_item(TableName="merged", Item=item("one", n=n))
    seen = []
    while not seen or seen[-1] != 299:
        change = feed.change()
        assert change["k"] == item("one")
        seen.append(int(change["n"]["n"]["N"]))
    assert seen == sorted(set(seen)) and len(seen) < 300
    feed.close()


def test_names_that_are_no_tables_are_refused_and_tables_that_are_not_there_yet_are_watched(croft):
    for name in ("a", "a%0Adata:x", "a%20b%20c", "x" * 256):
        assert data(croft, f"feed?topics=items:{name}").status == 400, name
    feed = Items(croft, "later")
    dynamodb = make_table(croft, "later")
    dynamodb.put_item(TableName="later", Item=item("a"))
    assert feed.change() == {"k": item("a"), "o": None, "n": item("a")}
    feed.close()
    assert data(croft, "tables").json == {"live": True, "at": ""}


def test_tables_that_are_elsewhere_are_not_watched(fresh_croft, tmp_path):
    far = fresh_croft()
    (tmp_path / "secret").write_text(far.credentials["aws_secret_access_key"])
    (tmp_path / "croft.toml").write_text(
        f"[tables]\nendpoint = '{far.endpoints['gateway']}'\nregion = '{far.credentials['region']}'\n"
        f"access-key-id = '{far.credentials['aws_access_key_id']}'\nsecret-access-key-file = '{tmp_path}/secret'\n")
    here = fresh_croft("--config", str(tmp_path / "croft.toml"))
    assert data(here, "tables").json == {"live": False, "at": far.endpoints["gateway"]}
    assert data(here, "feed?topics=items:status").status == 400
