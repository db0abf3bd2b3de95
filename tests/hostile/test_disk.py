"""Disks that end: the process is killed at any moment, the disk is full. What was acknowledged is there afterwards."""

import os
import pathlib
import random
import subprocess
import threading
import time

import pytest
from conftest import BINARY, Croft
from mqtt_wire import assert_serves


def make_table(croft):
    dynamodb = croft.client("dynamodb")
    if "kept" not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(TableName="kept", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                              KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")


def stored(croft):
    pages = croft.client("dynamodb").get_paginator("scan").paginate(TableName="kept")
    return {item["id"]["S"]: int(item["n"]["N"]) for page in pages for item in page["Items"]}


def test_killed_in_a_loop_no_acknowledged_item_is_lost(fresh_croft, tmp_path):
    rng = random.Random(1)
    acknowledged, attempted = {}, {}
    croft = fresh_croft(data=tmp_path / "data")
    make_table(croft)
    for _ in range(8):
        stop = threading.Event()

        def write(name):
            dynamodb = croft.client("dynamodb")
            while not stop.is_set():
                number = attempted.get(name, 0) + 1
                attempted[name] = number
                try:
                    dynamodb.put_item(TableName="kept",
                                      Item={"id": {"S": name}, "n": {"N": str(number)}, "pad": {"S": "x" * 2000}})
                    acknowledged[name] = number
                except Exception:  # the server is gone
                    return

        writers = [threading.Thread(target=write, args=(f"writer{i}",)) for i in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(0.1 + 0.3 * rng.random())
        croft.kill()
        stop.set()
        for writer in writers:
            writer.join(timeout=20)
        croft.start()
        found = stored(croft)
        for name, number in acknowledged.items():
            assert acknowledged[name] <= found[name] <= attempted[name], (name, number, found[name], attempted[name])
    assert sum(acknowledged.values()) > 100, "the loop wrote next to nothing"
    assert_serves(croft)


def test_the_end_of_a_log_that_was_torn_or_overwritten_is_found_at_the_start(fresh_croft, tmp_path):
    croft = fresh_croft(data=tmp_path / "data")
    make_table(croft)
    dynamodb = croft.client("dynamodb")
    for i in range(50):
        dynamodb.put_item(TableName="kept", Item={"id": {"S": f"i{i}"}, "n": {"N": str(i)}})
    croft.kill()
    log = max(pathlib.Path(croft.data, "db").glob("*.log"), key=lambda path: path.stat().st_size)
    whole = log.read_bytes()
    for cut in [1, 7, 100, 1000]:
        log.write_bytes(whole[:-cut])
        croft.start()
        found = stored(croft)
        assert found == {f"i{i}": i for i in range(len(found))} and 30 < len(found) <= 50, "a hole in what was written in order"
        croft.kill()
        log.write_bytes(whole)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)],
                                           capture_output=True).returncode:
        pytest.skip("a small file system can be mounted as root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_nothing_more_is_acknowledged_and_all_that_was_is_kept(small_disk):
    croft = Croft(small_disk / "data")
    try:
        make_table(croft)
        dynamodb = croft.client("dynamodb")
        acknowledged = []
        with pytest.raises(Exception) as ended:
            for i in range(1000):
                dynamodb.put_item(TableName="kept", Item={"id": {"S": f"i{i}"}, "n": {"N": str(i)}, "pad": {"S": "x" * 100_000}})
                acknowledged.append(f"i{i}")
        assert 20 < len(acknowledged) < 400, ended.value
        code = croft.process.wait(timeout=20)
        assert code == 70, croft.output()
        assert "No space left on device" in croft.output() and "stopping so that nothing wrong is acknowledged" in croft.output()

        done = subprocess.run([croft.binary, "serve", "--data", croft.data, "--mqtt-port", "0", "--mqtts-port", "0",
                               "--gateway-port", "0"],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 2 and "No space left on device" in done.stderr, (done.returncode, done.stdout, done.stderr)
        assert len(done.stderr.splitlines()) == 1

        subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
        croft.start()
        assert set(acknowledged) <= set(stored(croft))
        assert_serves(croft)
        assert croft.stop() == 0
    finally:
        if croft.process.poll() is None:
            croft.kill()


def test_a_read_only_disk_is_told_at_the_start(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = subprocess.run([BINARY, "serve", "--data", str(small_disk / "data")], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "Read-only file system" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
