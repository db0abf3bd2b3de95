"""Health in the console, and the metrics that it asks for."""

import time

from console_page import browser, passed
from conftest import wait_until
from prometheus_text import fetch


def test_the_screen(fresh_croft):
    assert len(passed(browser(fresh_croft(), "health.mjs"))) == 4


def test_syncs_of_the_store_are_timed(croft, fresh_croft):
    before = fetch(croft).value("croft_store_sync_seconds_count")
    croft.client("iot").create_thing(thingName="synced")
    wait_until(lambda: fetch(croft).value("croft_store_sync_seconds_count") > before, what="a sync")
    in_memory = fresh_croft("--ephemeral")
    in_memory.client("iot").create_thing(thingName="not")
    assert fetch(in_memory).value("croft_store_sync_seconds_count") == 0


def test_the_start_and_what_is_in_no_table_yet(croft):
    began = fetch(croft).value("croft_process_start_time_seconds")
    assert time.time() - 300 < began < time.time()
    before = fetch(croft).value("croft_store_unflushed_bytes")
    croft.client("s3").create_bucket(Bucket="large")
    croft.client("s3").put_object(Bucket="large", Key="k", Body=b"x" * 300_000)
    assert fetch(croft).value("croft_store_unflushed_bytes") >= before + 300_000
