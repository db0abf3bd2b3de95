"""Functions and rules whose tables are elsewhere, over outages and crashes there."""

import io
import json
import sys
import threading
import time
import zipfile

import botocore.config
from conftest import ROOT, Croft, wait_until
from distant_tables import ROLE, pair, put_into, rows, rule, table
from mqtt_wire import V5, Client

sys.path.append(str(ROOT / "tests" / "e2e"))
from test_article import deploy_article, run_storm  # noqa: E402


def package(code):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("f.py", code)
    return memory.getvalue()


# Fails at once when the table cannot be asked, so that its retries are used up within three seconds.
IMPATIENT = """
import boto3, botocore.config
table = boto3.resource("dynamodb", config=botocore.config.Config(retries={"max_attempts": 0})).Table("seen")
def handler(event, context):
    table.update_item(Key={"id": event["from"]},
                      UpdateExpression="SET numbers = list_append(if_not_exists(numbers, :none), :one)",
                      ExpressionAttributeValues={":one": [event["number"]], ":none": []})
"""


def test_a_function_that_failed_for_its_tables_runs_again(pair):
    near, far = pair()
    table(far.client("dynamodb"), "seen")
    functions = near.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Role=ROLE, Handler="f.handler", Timeout=30,
                              Code={"ZipFile": package(IMPATIENT)})
    functions.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    arn = functions.get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "keep", "SELECT topic(2) AS from, number FROM 'in/+'", {"lambda": {"functionArn": arn}}, failures="failures")
    far.kill()
    with Client(near, "device", V5) as device:
        for number in range(3):
            device.publish("in/x", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    time.sleep(6)
    far.start()

    def seen():
        return [int(number["N"]) for number in rows(far.client("dynamodb"), "seen", "id", "numbers").get("x", {"L": []})["L"]]
    wait_until(lambda: seen() == [0, 1, 2], timeout=40)
    assert near.client("s3").list_objects_v2(Bucket="failures")["KeyCount"] == 0


def test_after_a_storm_with_a_crash_there_every_row_equals_the_truth(pair):
    near, far = pair()
    article = deploy_article(near)
    there = far.client("dynamodb")
    table(there, "direct", "clientId")
    rule(near, "direct", "SELECT clientId, eventType, versionNumber FROM '$aws/events/presence/#'", put_into("direct"))
    assert there.list_tables()["TableNames"] == ["direct", article]

    stop = threading.Event()
    live, threads = run_storm(near, [1], 100_000, stop)
    time.sleep(0.4)
    far.kill()
    time.sleep(0.6)
    far.start()
    time.sleep(0.3)
    assert all(thread.is_alive() for thread in threads), "the storm was over before the crash"
    stop.set()
    for thread in threads:
        thread.join()
    connected = {name for devices in live.values() for name in devices}

    def truth():
        by_function = {name for name, on in rows(there, article, "id", "is_connected").items() if on["BOOL"]}
        by_action = {name for name, kind in rows(there, "direct", "clientId", "eventType").items() if kind["S"] == "connected"}
        return by_function == connected and by_action == connected
    wait_until(truth, timeout=90, interval=0.3, what="every row right")
    time.sleep(1)  # nothing may come after that makes a row wrong again
    assert truth()
    versions = rows(there, "direct", "clientId", "versionNumber")
    known = {one["clientId"]: one["versionNumber"] for one in json.loads(near.run("devices", "--json").stdout)["devices"]}
    assert {name: int(version["N"]) for name, version in versions.items()} == {name: known[name] for name in versions}
    near.client("cloudformation").delete_stack(StackName="status")
    wait_until(lambda: there.list_tables()["TableNames"] == ["direct"])
    assert near.stop() == 0
    own = Croft(near.data)  # without [tables]: its own tables, of which it never made one
    try:
        assert own.client("dynamodb").list_tables()["TableNames"] == []
    finally:
        own.stop()
