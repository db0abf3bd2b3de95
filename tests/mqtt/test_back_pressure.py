"""Publishers slow down to what their subscribers take; who takes nothing slows nobody, and nothing waits for itself."""

import threading
import time

import pytest
from mqtt_wire import (PINGREQ, PINGRESP, PUBACK, PUBLISH, V3, V5, Client, memory_mb, message_of, packet, publish)

WINDOW = 100
NEVER = ("--stalled-after", "3600")


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


class Party(threading.Thread):
    """Publishes so many QoS 1 messages with a full window, and acknowledges what it gets, in one loop as devices do."""

    def __init__(self, client, topic, count, expected=0, size=8, pause=0.0):
        super().__init__(daemon=True)
        self.client, self.topic, self.count, self.expected, self.size, self.pause = client, topic, count, expected, size, pause
        self.got, self.sent, self.acknowledged = [], 0, 0
        self.longest_wait = 0.0
        self.ended_at = None

    def run(self):
        heard_at = time.monotonic()
        self.fill()
        while self.acknowledged < self.count or len(self.got) < self.expected:
            answer = self.client.packet()
            if answer is None:
                return
            if answer[0] == PUBACK:
                self.acknowledged += 1
                self.longest_wait = max(self.longest_wait, time.monotonic() - heard_at)
                heard_at = time.monotonic()
                self.fill()
            elif answer[0] & 0xF0 == PUBLISH:
                message = message_of(answer, self.client.version)
                self.got.append(int(message.payload[:8]))
                time.sleep(self.pause)
                self.client.acknowledge(PUBACK, message.packet_id)
        self.ended_at = time.monotonic()

    def fill(self):
        burst = b""
        while self.sent < self.count and self.sent - self.acknowledged < WINDOW:
            payload = (b"%08d" % self.sent).ljust(self.size, b".")
            burst += publish(self.topic, payload, qos=1, packet_id=self.sent % 60_000 + 1, version=self.client.version)
            self.sent += 1
        self.client.send(burst)


def finish(*parties, timeout=60):
    for party in parties:
        party.start()
    for party in parties:
        party.join(timeout)
        assert party.ended_at, f"{party.client.version}: {party.acknowledged} of {party.count}, got {len(party.got)}"


# Room for what is under way between threads when a publisher is slowed down, but not for all.
SMALL_QUEUE = ("--blocking-messages", "100", "--queued-messages", "2000", "--ephemeral")


@pytest.mark.parametrize("shards", ["1", "2"])
def test_a_slow_reader_gets_everything_and_its_publishers_wait(fresh_croft, version, shards):
    croft = fresh_croft(*SMALL_QUEUE, *NEVER, "--device-shards", shards)
    readers = [Client(croft, f"reader{n}", version) for n in range(2)]
    for reader in readers:
        reader.subscribe("a")
    before, begun = memory_mb(croft), time.monotonic()
    slow = [Party(reader, "", 0, expected=3000, size=4000, pause=0.0005) for reader in readers]
    sender = Party(Client(croft, "sender", version), "a", 3000, size=4000)
    finish(*slow, sender)
    assert [reader.got for reader in slow] == [list(range(3000))] * 2
    took, sent_in = slow[0].ended_at - begun, sender.ended_at - begun
    assert sent_in > 0.7 * took, "all but the last few hundred went no faster than they were taken"
    assert memory_mb(croft) - before < 30


def test_without_back_pressure_the_same_queue_is_too_small(fresh_croft):
    croft = fresh_croft(*SMALL_QUEUE, "--stalled-after", "0")
    reader = Client(croft, "reader")
    reader.subscribe("a")
    sender = Party(Client(croft, "sender"), "a", 3000)
    finish(sender)
    got = []
    while not reader.is_silent():
        message = reader.message()
        got.append(int(message.payload))
        reader.acknowledge(PUBACK, message.packet_id)
    assert got == list(range(2100)), "those in flight and the queue; the newest are lost"


def test_who_stops_reading_slows_nobody_for_long(fresh_croft, version):
    croft = fresh_croft("--stalled-after", "1", "--blocking-messages", "50", "--ephemeral")
    deaf, reader = Client(croft, "deaf", version), Client(croft, "reader", version)
    for client in deaf, reader:
        client.subscribe("a")
    sender, heard = Party(Client(croft, "sender", version), "a", 2000), Party(reader, "", 0, expected=2000)
    finish(sender, heard)
    assert heard.got == list(range(2000))
    assert 0.3 < sender.longest_wait < 3, "its time, and a tick"


def test_who_goes_away_slows_nobody(fresh_croft):
    croft = fresh_croft("--blocking-messages", "50", *NEVER, "--ephemeral", "--device-shards", "1")
    deaf = Client(croft, "deaf")
    deaf.subscribe("a")
    sender = Party(Client(croft, "sender"), "a", 1000)
    sender.start()
    time.sleep(0.5)
    assert sender.acknowledged < 300, "it waits"
    deaf.drop()
    sender.join(10)
    assert sender.ended_at and sender.acknowledged == 1000


def waits(sender):
    """How far it gets before a reader of another shard is seen to be slow depends on who has the cores."""
    before = None
    while before != sender.acknowledged:
        before = sender.acknowledged
        time.sleep(0.3)
    return before < 1000


def test_of_several_slow_readers_the_slowest_counts_and_their_end_is_noticed(fresh_croft):
    croft = fresh_croft("--blocking-messages", "50", *NEVER, "--ephemeral", "--device-shards", "2")
    deaf = [Client(croft, f"deaf{n}") for n in range(4)]
    for client in deaf:
        client.subscribe("a")
    sender = Party(Client(croft, "sender"), "a", 1000)
    sender.start()
    for client in deaf:
        assert waits(sender), "somebody still takes nothing"
        client.drop()
    sender.join(10)
    assert sender.acknowledged == 1000


@pytest.mark.parametrize("shards", ["1", "2"])
def test_two_that_publish_to_each_other_do_not_wait_for_each_other(fresh_croft, version, shards):
    croft = fresh_croft("--blocking-messages", "1", *NEVER, "--ephemeral", "--device-shards", shards)
    parties = []
    for pair in range(2):
        ends = [Client(croft, f"{pair}-{side}", version) for side in range(2)]
        for side, end in enumerate(ends):
            end.subscribe(f"{pair}/to/{side}")
            parties.append(Party(end, f"{pair}/to/{1 - side}", 3000, expected=3000))
    finish(*parties)
    assert all(party.got == list(range(3000)) for party in parties)


def test_a_publisher_that_subscribes_to_its_own_topic_goes_on(fresh_croft, version):
    croft = fresh_croft("--blocking-messages", "1", *NEVER, "--ephemeral")
    client = Client(croft, "self", version)
    client.subscribe("own")
    party = Party(client, "own", 5000, expected=5000)
    finish(party)
    assert party.got == list(range(5000))


def test_one_that_takes_nothing_before_its_own_messages_are_taken_goes_on(fresh_croft):
    croft = fresh_croft("--blocking-messages", "10", "--stalled-after", "1", "--ephemeral")
    client = Client(croft, "self")
    client.subscribe("own")
    acknowledged, waiting = 0, []
    for n in range(300):  # one at a time; it keeps its deliveries until all are said
        client.send(publish("own", b"%d" % n, qos=1, packet_id=n + 1))
        while (answer := client.packet())[0] != PUBACK:
            waiting.append(message_of(answer, V5))
        acknowledged += 1
    assert acknowledged == 300 and len(waiting) == WINDOW
    while waiting:
        client.acknowledge(PUBACK, waiting.pop(0).packet_id)
        acknowledged -= 1
        if acknowledged >= WINDOW:
            waiting.append(client.message())
    assert client.is_silent()


def test_qos_0_is_lost_for_a_slow_reader_alone(fresh_croft, version):
    croft = fresh_croft("--ephemeral")
    deaf, reader, sender = (Client(croft, name, version) for name in ("deaf", "reader", "sender"))
    for client in deaf, reader:
        client.subscribe("a", qos=0)
    before = memory_mb(croft)
    for n in range(300):
        sender.send(publish("a", (b"%08d" % n).ljust(100_000, b"."), version=version))
        assert int(reader.message().payload[:8]) == n
    assert sender.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")
    assert memory_mb(croft) - before < 30
    got = []
    while not deaf.is_silent():
        got.append(int(deaf.message().payload[:8]))
    assert 0 < len(got) < 250 and got == sorted(set(got))
    sender.publish("a", b"00000300")
    assert deaf.message().payload == reader.message().payload == b"00000300", "it gets what comes when it reads again"
