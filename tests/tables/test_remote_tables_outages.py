"""Tables that are elsewhere and away for a while."""

import time

from botocore.exceptions import ClientError
from conftest import ARTICLE, wait_until
from distant_tables import UNAVAILABLE, document_in, error_of, logged, pair, put_into, rows, rule, table
from mqtt_wire import V5, Client
from prometheus_text import fetch


def left_alone(croft):
    return fetch(croft).value("croft_service_left_alone", service="dynamodb")


def test_a_service_that_is_away_is_left_alone_and_asked_again(pair):
    near, far = pair()
    here = near.client("dynamodb")
    assert left_alone(near) == 0
    far.kill()

    answers = [error_of(here.list_tables) for _ in range(7)]

    assert {answer[:2] for answer in answers} == {UNAVAILABLE}
    assert "is not asked for a while" in answers[-1][2] and "is not asked" not in answers[0][2]
    assert left_alone(near) == 1
    far.start()
    wait_until(lambda: left_alone(near) == 0 or not error_of_nothing(here), timeout=15, interval=0.2)
    assert here.list_tables()["TableNames"] == []
    assert left_alone(near) == 0
    assert "the service 'dynamodb' is left alone for a while" in logged(near)


def error_of_nothing(dynamodb):
    try:
        dynamodb.list_tables()
        return None
    except ClientError as refused:
        return refused


def test_rows_of_an_outage_come_in_order_when_it_is_over(pair):
    near, far = pair()
    table(far.client("dynamodb"), "latest")
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "latest", "SELECT topic(2) AS id, n FROM 'latest/+'", put_into("latest"), failures="failures")
    far.kill()
    for name in "abc":
        with Client(near, name, V5) as device:
            for n in range(5):
                device.publish(f"latest/{name}", b'{"n": "%d"}' % n, qos=1, packet_id=n + 1)
    time.sleep(4)  # longer than the tries of one call
    far.start()

    wait_until(lambda: rows(far.client("dynamodb"), "latest", "id", "n") == {name: {"S": "4"} for name in "abc"}, timeout=40)
    assert near.client("s3").list_objects_v2(Bucket="failures")["KeyCount"] == 0


def test_rows_of_an_outage_survive_a_crash_here(pair):
    near, far = pair()
    table(far.client("dynamodb"), "kept")
    rule(near, "kept", "SELECT topic(2) AS id, n FROM 'kept/+'", put_into("kept"))
    far.kill()
    for name in "ab":
        with Client(near, name, V5) as device:
            for n in range(3):
                device.publish(f"kept/{name}", b'{"n": "%d"}' % n, qos=1, packet_id=n + 1)
    assert near.stop() == 0, "what waits does not hold croft up"
    near.start()
    near.kill()
    near.start()
    far.start()

    wait_until(lambda: rows(far.client("dynamodb"), "kept", "id", "n") == {name: {"S": "2"} for name in "ab"}, timeout=40)


def test_a_deployment_fails_loudly_and_succeeds_later(pair):
    near, far = pair()
    far.kill()
    deploy = ("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "s", "--capabilities", "CAPABILITY_IAM")

    done = near.run(*deploy, check=False)

    assert done.returncode == 1
    assert ("DeploymentFailed: s is ROLLBACK_FAILED. ConnectedTable: "
            'Resource handler returned message: "cannot connect to') in done.stderr
    far.start()
    wait_until(lambda: not error_of_nothing(near.client("dynamodb")), timeout=15, interval=0.2)
    near.client("cloudformation").delete_stack(StackName="s")
    wait_until(lambda: not error_of_stack(near, "s"))
    near.run(*deploy)
    assert len(far.client("dynamodb").list_tables()["TableNames"]) == 1


def error_of_stack(croft, name):
    """Whether there is such a stack."""
    try:
        return croft.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return None


def test_patience_ends(pair):
    near, far = pair("patience-s = 0")
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "impatient", "SELECT n FROM 'impatient'", put_into("t"), failures="failures")
    far.kill()

    near.client("iot-data").publish(topic="impatient", qos=1, payload=b'{"n":"1"}')

    [failure] = document_in(near, "failures", "impatient")["failures"]
    assert failure["failedAction"] == "DynamoDBv2Action"
