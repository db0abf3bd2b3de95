"""The article's walkthrough, with its own template and handler, unmodified."""

import json
import pathlib
import random
import re
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import ARTICLE, wait_until


def deploy_article(croft, stack="status", source=ARTICLE):
    croft.run("deploy", str(source / "sam.yml"), "--stack-name", stack, "--capabilities", "CAPABILITY_IAM")
    resources = croft.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    return next(r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::DynamoDB::Table")


def status(dynamodb, table, client_id):
    item = dynamodb.get_item(TableName=table, Key={"id": {"S": client_id}}).get("Item")
    return None if item is None else item["is_connected"]["BOOL"]


class Device:
    """A bare MQTT 3.1.1 client: what the tests do to a connection must be exact."""

    def __init__(self, port, client_id, keep_alive=60):
        self.socket = socket.create_connection(("127.0.0.1", port))
        body = struct.pack("!H4sBBHH", 4, b"MQTT", 4, 2, keep_alive, len(client_id)) + client_id.encode()
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        connack = self.socket.recv(4)
        assert connack == b"\x20\x02\x00\x00", connack

    def disconnect(self):
        self.socket.sendall(b"\xe0\x00")
        self.socket.close()

    def drop(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def test_a_device_connects_and_its_row_flips(croft, eventually):
    table = deploy_article(croft)
    dynamodb = croft.client("dynamodb")

    device = Device(croft.port("mqtt"), "greengrass_connected_test_Core")
    eventually(lambda: status(dynamodb, table, "greengrass_connected_test_Core") is True, what="connected")
    device.drop()
    eventually(lambda: status(dynamodb, table, "greengrass_connected_test_Core") is False, what="disconnected")


def test_a_second_deployment_has_nothing_to_change(croft):
    deploy_article(croft, "again")
    done = croft.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "again", "--capabilities", "CAPABILITY_IAM")
    assert "o changes" in done.stdout + done.stderr


def test_aws_cli_deploys_the_article(croft, tmp_path, eventually):
    croft.client("s3").create_bucket(Bucket="deployments")
    packaged = tmp_path / "packaged.yml"
    croft.run("package", str(ARTICLE / "sam.yml"), "--s3-bucket", "deployments", "--output-template-file", str(packaged))
    begun = time.monotonic()
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", croft.endpoints["gateway"], "cloudformation", "deploy",
                           "--template-file", str(packaged), "--stack-name", "cli", "--capabilities", "CAPABILITY_IAM"],
                          env=croft.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - begun < 29, "the AWS CLI had to poll a second time"

    resources = croft.client("cloudformation").list_stack_resources(StackName="cli")["StackResourceSummaries"]
    table = next(r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::DynamoDB::Table")
    device = Device(croft.port("mqtt"), "cli-device")
    eventually(lambda: status(croft.client("dynamodb"), table, "cli-device") is True)
    device.disconnect()
    eventually(lambda: status(croft.client("dynamodb"), table, "cli-device") is False)

    croft.client("cloudformation").delete_stack(StackName="cli")
    eventually(lambda: table not in croft.client("dynamodb").list_tables()["TableNames"], what="the table is gone")


def slowed_article(folder):
    """The article's template and handler; a wrapper sleeps for a random time before each call."""
    template = (ARTICLE / "sam.yml").read_text().replace("handler.handler", "slow.handler")
    (folder / "sam.yml").write_text(template)
    (folder / "handler.py").write_bytes((ARTICLE / "handler.py").read_bytes())
    (folder / "slow.py").write_text(
        "import random, time\nimport handler as article\n\n"
        "def handler(event, context):\n    time.sleep(random.random() * 0.02)\n    return article.handler(event, context)\n")
    return folder


def storm(port, names, rounds, rng, stop=None):
    """Devices connect, disconnect, drop and take each other's ids; returns who is connected at the end."""
    live = {}
    for _ in range(rounds):
        if stop is not None and stop.is_set():
            break
        name = rng.choice(names)
        old = live.pop(name, None)
        choice = rng.random()
        try:
            if old is None or choice < 0.3:  # connects, or takes the id over
                live[name] = Device(port, name)
                if old is not None:
                    old.socket.close()
            elif choice < 0.65:
                old.disconnect()
            else:
                old.drop()
        except (OSError, AssertionError):  # no CONNACK: the server was killed
            if stop is None:
                raise
            break
    return live


def rows(dynamodb, table):
    found = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        found.update({item["id"]["S"]: item["is_connected"]["BOOL"] for item in page["Items"]})
    return found


@pytest.fixture
def slow_stack(fresh_croft, tmp_path):
    folder = tmp_path / "slow"
    folder.mkdir()
    croft = fresh_croft()
    return croft, deploy_article(croft, "slow", slowed_article(folder))


def run_storm(croft, seeds, rounds, stop=None):
    """One thread for each seed, each with clients of its own; the expected status of every client."""
    live, threads = {}, []

    def body(seed):
        names = [f"s{seed}-d{i}" for i in range(40)]
        live[seed] = storm(croft.port("mqtt"), names, rounds, random.Random(seed), stop)

    for seed in seeds:
        threads.append(threading.Thread(target=body, args=(seed,)))
        threads[-1].start()
    return live, threads


def test_after_a_storm_every_row_equals_the_truth(slow_stack, eventually):
    croft, table = slow_stack
    dynamodb = croft.client("dynamodb")
    live, threads = run_storm(croft, range(6), 150)
    for thread in threads:
        thread.join()
    connected = {name for devices in live.values() for name in devices}

    def truth():
        found = rows(dynamodb, table)
        return found and {name for name, on in found.items() if on} == connected
    eventually(truth, timeout=120, what="every row right")
    time.sleep(1)  # nothing may come after that makes a row wrong again
    assert truth()


def test_kill_in_the_middle_of_a_storm_leaves_no_ghosts(slow_stack, eventually):
    croft, table = slow_stack
    stop = threading.Event()
    live, threads = run_storm(croft, range(10, 14), 100_000, stop)
    time.sleep(2)
    croft.kill()
    stop.set()
    for thread in threads:
        thread.join()

    croft.start()
    dynamodb = croft.client("dynamodb")
    survivors = [Device(croft.port("mqtt"), f"s10-d{i}") for i in range(5)]

    def truth():
        found = rows(dynamodb, table)
        return {name for name, on in found.items() if on} == {f"s10-d{i}" for i in range(5)}
    eventually(truth, timeout=120, what="every row right after the crash")
    time.sleep(1)
    assert truth()
    for device in survivors:
        device.drop()


def test_versions_survive_a_restart_and_the_crash_is_told(fresh_croft, tmp_path):
    croft = fresh_croft()
    Device(croft.port("mqtt"), "v").disconnect()
    device = Device(croft.port("mqtt"), "v")
    croft.kill()
    device.socket.close()

    croft.start()
    known = json.loads(croft.run("devices", "--json").stdout)
    entry = next(d for d in known["devices"] if d["clientId"] == "v")
    assert entry["status"] == "disconnected"
    assert entry["disconnectReason"] == "SERVER_ERROR"
    assert entry["versionNumber"] == 1
    again = Device(croft.port("mqtt"), "v")
    known = json.loads(croft.run("devices", "--json").stdout)
    assert next(d for d in known["devices"] if d["clientId"] == "v")["versionNumber"] == 2
    again.disconnect()
