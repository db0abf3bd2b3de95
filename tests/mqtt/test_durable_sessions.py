"""Sessions that outlast a server that is killed: their messages, acknowledgements, subscriptions and wills."""

import collections
import itertools
import random
import threading
import time

import pytest
from conftest import wait_until
from mqtt_wire import (PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, UNSUBACK, V3, V5, Client, last_will,
                       message_of, packet, publish, reason, unsubscribe)
from test_conformance import lasting
from test_conformance_v5 import EXPIRY, number, subscribe_with, values

SESSION_EXPIRY, WILL_DELAY = 0x11, 0x18
IDS = 65_535


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


def restart(croft):
    croft.kill()
    croft.start()


def back(croft, client_id, version=V5, **more):
    """A client that comes back to the session that it has."""
    client = Client(croft, client_id, version, **{**lasting(version), **more})
    assert client.present, client_id
    return client


def settle(client, packet_id=60_000):
    """What the server took before this is on disk: it acknowledges a message behind it, which somebody stores."""
    client.publish("settled", qos=1, packet_id=packet_id)


@pytest.fixture
def one_shard(fresh_croft):
    """Starts a server whose commits are those of one thread, in its order."""
    def start(*options):
        croft = fresh_croft("--device-shards", "1", *options)
        keeper = Client(croft, "keeper", **lasting(V5))
        keeper.subscribe("settled")
        keeper.leave()
        return croft
    return start


# Under load, killed at any moment.

class Sender(threading.Thread):
    """Publishes numbers to a topic of its own, and resumes where the last connection ended, as the specification wants."""

    window = 20

    def __init__(self, name, qos, version):
        super().__init__(daemon=True)
        self.name, self.qos, self.version = name, qos, version
        self.sent, self.acknowledged = 0, 0
        self.open = collections.OrderedDict()  # packet id -> number, or None when only PUBREL is left
        self.known, self.resumed = False, True
        self.stopping = threading.Event()

    def start_on(self, croft):
        threading.Thread.__init__(self, daemon=True, name=self.name)
        self.croft = croft
        self.start()

    def run(self):
        try:
            with Client(self.croft, self.name, self.version, **lasting(self.version)) as wire:
                self.resumed = self.resumed and wire.present == self.known
                self.known = True
                self.converse(wire)
        except (AssertionError, OSError):
            pass  # the server was killed; what a party lacks in the end is asked there

    def converse(self, wire):
        for packet_id, payload in self.open.items():
            self.say(wire, packet_id, payload, 8)
        while self.open or not self.stopping.is_set():
            while len(self.open) < self.window and not self.stopping.is_set():
                packet_id = self.sent % IDS + 1
                self.open[packet_id] = self.sent
                self.say(wire, packet_id, self.sent, 0)
                self.sent += 1
            answer = wire.packet()
            if answer is None:
                return
            self.heard(wire, answer)

    def say(self, wire, packet_id, payload, dup):
        if payload is None:
            return wire.acknowledge(PUBREL, packet_id)
        sent = publish(f"load/{self.name}", b"%d" % payload, qos=self.qos, packet_id=packet_id, version=self.version)
        wire.send(bytes([sent[0] | dup]) + sent[1:])

    def heard(self, wire, answer):
        first, packet_id = answer[0], int.from_bytes(answer[1][:2], "big")
        if first == PUBREC:
            self.open[packet_id] = None
            return wire.acknowledge(PUBREL, packet_id)
        assert first == (PUBACK if self.qos == 1 else PUBCOMP), answer
        del self.open[packet_id]
        self.acknowledged += 1


class Receiver(threading.Thread):
    """Keeps what comes to its session; of QoS 2 each packet id once until its PUBREL."""

    def __init__(self, name, qos, version, filter="load/#"):
        super().__init__(daemon=True)
        self.name, self.qos, self.version, self.filter = name, qos, version, filter
        self.heard_at = 0.0
        self.got = collections.defaultdict(list)
        self.unreleased = set()
        self.known, self.resumed = False, True
        self.stopping = threading.Event()

    start_on = Sender.start_on
    run = Sender.run

    def first_subscription(self, croft):
        with Client(croft, self.name, self.version, **lasting(self.version)) as wire:
            assert wire.subscribe(self.filter, qos=self.qos) == [self.qos]
        self.known = True

    def converse(self, wire):
        while (answer := wire.packet()) is not None:
            self.heard_at = time.monotonic()
            first = answer[0] & 0xF0
            if first == PUBLISH:
                self.take(wire, message_of(answer, self.version))
            elif answer[0] == PUBREL:
                packet_id = int.from_bytes(answer[1][:2], "big")
                self.unreleased.discard(packet_id)
                wire.acknowledge(PUBCOMP, packet_id)

    def take(self, wire, message):
        if message.qos == 1 or message.packet_id not in self.unreleased:
            self.got[message.topic.split("/")[1]].append(int(message.payload))
        if message.qos == 2:
            self.unreleased.add(message.packet_id)
        wire.acknowledge(PUBREC if message.qos == 2 else PUBACK, message.packet_id)

    def is_idle(self):
        return time.monotonic() - self.heard_at > 1


def in_order_of_their_first(numbers):
    return list(dict.fromkeys(numbers))


def run_under_kills(croft, senders, receivers, rounds, rng):
    """Rounds of load that end with a kill, some receivers away in each; then all that is left comes."""
    for receiver in receivers:
        receiver.first_subscription(croft)
    for round_number in range(rounds + 1):
        is_last = round_number == rounds
        here = receivers if is_last else [r for r in receivers if rng.random() < 0.7]
        for party in [*here, *senders]:
            party.start_on(croft)
        if is_last:
            break
        time.sleep(0.15 + 0.4 * rng.random())
        croft.kill()
        for party in [*here, *senders]:
            party.join(timeout=20)
            assert not party.is_alive(), party.name
        croft.start()
    time.sleep(0.3)
    assert all(party.resumed for party in [*senders, *receivers]), "each session was there"
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(timeout=60)
        assert not sender.is_alive() and sender.sent == sender.acknowledged > 200, (sender.name, sender.sent, sender.acknowledged)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_acknowledged_qos_1_message_comes_in_order(fresh_croft, version, seed):
    croft = fresh_croft("--device-shards", "2")
    senders = [Sender(f"sender{n}", 1, version) for n in range(4)]
    receivers = [Receiver(f"receiver{n}", 1, version) for n in range(3)]
    run_under_kills(croft, senders, receivers, 6, random.Random(seed))
    for receiver, sender in itertools.product(receivers, senders):
        expected = list(range(sender.sent))
        wait_until(lambda: len(set(receiver.got[sender.name])) == len(expected), timeout=60,
                   what=f"all of {sender.name} at {receiver.name}")
        assert in_order_of_their_first(receiver.got[sender.name]) == expected, (receiver.name, sender.name)


@pytest.mark.parametrize("shards, rounds", [(1, 6), (2, 16)])
def test_every_qos_2_message_comes_once(fresh_croft, version, shards, rounds):
    """On several shards a kill may repeat one: its rows are of several batches, and none may be lost."""
    croft = fresh_croft("--device-shards", str(shards), "--dialect", "oasis")
    senders = [Sender(f"sender{n}", 2, version) for n in range(3)]
    receivers = [Receiver(f"receiver{n}", 2, version) for n in range(3)]
    run_under_kills(croft, senders, receivers, rounds, random.Random(3))
    wait_until(lambda: all(receiver.is_idle() for receiver in receivers), what="nothing more comes")
    for receiver, sender in itertools.product(receivers, senders):
        got = receiver.got[sender.name] if shards == 1 else in_order_of_their_first(receiver.got[sender.name])
        assert got == list(range(sender.sent)), (receiver.name, sender.name)
        assert len(receiver.got[sender.name]) <= sender.sent + rounds * 20


def test_what_suback_and_unsuback_said_is_kept(fresh_croft):
    croft = fresh_croft("--device-shards", "1")
    keeper, busy = Receiver("keeper", 1, V5), [Sender(f"busy{n}", 1, V5) for n in range(4)]
    keeper.first_subscription(croft)
    with Client(croft, "c", **lasting(V5)) as client:
        client.subscribe("a0")
    for n in range(8):
        for sender in busy:
            sender.start_on(croft)
        client = back(croft, "c")
        time.sleep(0.2)
        client.subscribe(f"a{n + 1}")
        assert client.send(unsubscribe(f"a{n}")).packet()[0] == UNSUBACK
        croft.kill()
        for sender in busy:
            sender.join(timeout=20)
        croft.start()
        client, writer = back(croft, "c"), Client(croft, "writer")
        writer.publish(f"a{n}", qos=1)
        writer.publish(f"a{n + 1}", qos=1)
        message = client.message()
        assert message.topic == f"a{n + 1}"
        client.acknowledge(PUBACK, message.packet_id)
        settle(writer)
        client.socket.close()


# Flows.

def test_unacknowledged_messages_have_their_packet_ids_and_dup(one_shard, version):
    croft = one_shard()
    reader, writer = Client(croft, "reader", version, **lasting(version)), Client(croft, "writer")
    reader.subscribe("a")
    for n in range(4):
        writer.publish("a", b"%d" % n, qos=1)
    sent = [reader.message() for _ in range(4)]
    reader.acknowledge(PUBACK, sent[1].packet_id)
    assert reader.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")
    settle(writer)
    restart(croft)

    reader = back(croft, "reader", version)
    assert [reader.message() for _ in range(3)] == [message._replace(dup=True) for message in (sent[0], sent[2], sent[3])]
    Client(croft, "writer").publish("a", b"new", qos=1)
    new = reader.message()
    assert (new.payload, new.dup) == (b"new", False)
    assert new.packet_id not in [message.packet_id for message in sent]
    for message in sent[0], sent[2], sent[3], new:
        reader.acknowledge(PUBACK, message.packet_id)
    assert reader.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")
    settle(Client(croft, "writer"))
    restart(croft)
    assert back(croft, "reader", version).is_silent()


def test_a_receiver_behind_pubrec_gets_pubrel_and_no_message(one_shard, version):
    croft = one_shard("--dialect", "oasis")
    reader, writer = Client(croft, "reader", version, **lasting(version)), Client(croft, "writer")
    reader.subscribe("a", qos=2)
    writer.publish("a", b"once", qos=2)
    packet_id = reader.message().packet_id
    reader.acknowledge(PUBREC, packet_id)
    released = (PUBREL, packet_id.to_bytes(2, "big"))
    assert reader.packet() == released
    for _ in range(2):
        restart(croft)
        reader = back(croft, "reader", version)
        assert reader.packet() == released
    reader.acknowledge(PUBCOMP, packet_id)
    assert reader.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")
    settle(Client(croft, "writer"))
    restart(croft)
    assert back(croft, "reader", version).is_silent()


def test_a_sender_behind_pubrec_is_known(one_shard, version):
    croft = one_shard("--dialect", "oasis")
    reader, writer = Client(croft, "reader"), Client(croft, "writer", version, **lasting(version))
    reader.subscribe("a", qos=0)
    for packet_id in 7, 8:
        writer.send(publish("a", b"once", qos=2, packet_id=packet_id, version=version))
        assert writer.packet() == (PUBREC, packet_id.to_bytes(2, "big"))
    assert [reader.message().payload for _ in range(2)] == [b"once"] * 2
    restart(croft)

    reader, writer = Client(croft, "reader"), back(croft, "writer", version)
    reader.subscribe("a", qos=0)
    sent = publish("a", b"once", qos=2, packet_id=7, version=version)
    writer.send(bytes([sent[0] | 8]) + sent[1:])
    assert writer.packet() == (PUBREC, b"\0\7")
    for packet_id in b"\0\7", b"\0\x08":
        writer.acknowledge(PUBREL, packet_id[1])
        assert writer.packet() == (PUBCOMP, packet_id)
    assert reader.is_silent()
    restart(croft)
    writer = back(croft, "writer", version)
    writer.acknowledge(PUBREL, 7)
    answer = writer.packet()
    assert reason(answer, 2) == (PUBCOMP, 0x92 if version == V5 else 0), "it was released before"


# What a session has beside messages.

def test_subscriptions_keep_their_options(one_shard):
    croft = one_shard("--dialect", "oasis")
    client = Client(croft, "c", **lasting(V5))
    client.subscribe("exactly", qos=2)
    client.subscribe("nolocal", qos=0x05)
    client.subscribe("published", qos=0x09)
    client.send(subscribe_with(268_435_455, "numbered")).packet()
    client.subscribe("gone")
    client.send(unsubscribe("gone")).packet()
    client.leave()
    settle(Client(croft, "w"))
    restart(croft)

    client, writer = back(croft, "c"), Client(croft, "w")
    client.publish("nolocal", qos=1)
    writer.publish("gone", qos=1)
    writer.publish("exactly", b"2", qos=2)
    writer.publish("published", b"r", qos=1, retain=True)
    writer.publish("numbered", b"n")
    writer.publish("nolocal", b"other", qos=1)
    got = {message.topic: message for message in (client.message() for _ in range(4))}
    assert client.is_silent()
    assert (got["exactly"].qos, got["published"].retain, got["nolocal"].payload) == (2, True, b"other")
    assert values(got["numbered"].block, 0x0B) == [268_435_455]


def test_a_retained_message_is_never_older_than_its_acknowledgement(fresh_croft):
    croft, rng, value = fresh_croft(), random.Random(5), 0
    for _ in range(4):
        with Client(croft, "writer") as writer:
            for value in range(value + 1, value + 1 + rng.randrange(5, 60)):
                writer.publish("kept", b"%d" % value, qos=1, retain=True)
            writer.send(publish("kept", b"%d" % (value + 1), qos=1, retain=True))
        restart(croft)
        with Client(croft, "reader") as reader:
            reader.subscribe("kept", qos=0)
            assert int(reader.message().payload) in (value, value + 1)
        value += 1


def test_a_member_of_a_group_that_is_away_keeps_what_nobody_took(fresh_croft, version):
    croft = fresh_croft("--device-shards", "2")
    for n in range(2):
        member = Client(croft, f"member{n}", version, **lasting(version))
        assert member.subscribe("$share/g/jobs/#") == [1]
        member.leave()
    writer = Client(croft, "writer")
    for n in range(20):
        writer.publish("jobs/a", b"%d" % n, qos=1, packet_id=n + 1)
    restart(croft)

    got = []
    for n in range(2):
        member = back(croft, f"member{n}", version)
        while not member.is_silent():
            message = member.message()
            got.append(int(message.payload))
            member.acknowledge(PUBACK, message.packet_id)
        if n == 0:  # it is here, so it gets what comes now
            Client(croft, "writer").publish("jobs/b", b"99", qos=1)
            assert member.message().payload == b"99"
    assert sorted(got) == list(range(20))


# What has an end.

def test_an_expired_session_is_gone_after_a_restart(fresh_croft):
    croft = fresh_croft()
    client = Client(croft, "short", clean=False, block=number(SESSION_EXPIRY, 1))
    client.subscribe("a")
    client.leave()
    Client(croft, "long", **lasting(V5)).leave()
    Client(croft, "writer").publish("a", b"lost", qos=1)
    croft.kill()
    time.sleep(1.1)
    croft.start()

    client = Client(croft, "short", clean=False, block=number(SESSION_EXPIRY, 60))
    assert not client.present and client.is_silent()
    Client(croft, "writer").publish("a", b"unheard", qos=1)
    assert client.is_silent(), "its subscription is gone as well"
    back(croft, "long")


@pytest.mark.parametrize("crash", [False, True], ids=["running", "killed"])
def test_an_expired_message_is_gone(fresh_croft, crash):
    croft = fresh_croft()
    client = Client(croft, "c", **lasting(V5))
    client.subscribe("a")
    client.leave()
    writer = Client(croft, "writer")
    writer.publish("a", b"short", qos=1, block=number(EXPIRY, 1))
    writer.publish("a", b"long", qos=1, block=number(EXPIRY, 60))
    if crash:
        croft.kill()
    time.sleep(1.2)
    if crash:
        croft.start()
    client = back(croft, "c")
    message = client.message()
    assert message.payload == b"long" and 50 < values(message.block, EXPIRY)[0] < 60
    assert client.is_silent()


def test_an_ephemeral_server_remembers_nothing(fresh_croft, version):
    croft = fresh_croft("--ephemeral")
    client = Client(croft, "c", version, **lasting(version))
    client.subscribe("a")
    client.leave()
    writer = Client(croft, "writer")
    writer.publish("a", b"x", qos=1)
    writer.publish("kept", b"x", qos=1, retain=True)
    restart(croft)
    client = Client(croft, "c", version, **lasting(version))
    assert not client.present
    client.subscribe("kept")
    assert client.is_silent()


# Wills of connections that were open.

def heard_after_restart(croft, watchers, version):
    got = {}
    for watcher in watchers:
        client = back(croft, watcher, version)
        got[watcher] = []
        while not client.is_silent(1.0):
            message = client.message()
            got[watcher].append(message.payload)
            client.acknowledge(PUBACK, message.packet_id)
        client.socket.close()
    return got


# Sessions are restored in the order of their client ids.
@pytest.mark.parametrize("watchers, shards", [(["a", "b"], 1), (["y", "z"], 1), (["a", "b", "y", "z"], 2)], ids=str)
def test_the_will_of_a_connection_that_the_kill_ended_is_said_once(fresh_croft, version, watchers, shards):
    croft = fresh_croft("--device-shards", str(shards))
    for watcher in watchers:
        client = Client(croft, watcher, version, **lasting(version))
        client.subscribe("gone/#")
        client.leave()
    dying = [Client(croft, f"m{n}", version, **last_will(f"gone/{n}", b"%d" % n, qos=1, retain=True, version=version))
             for n in range(4)]
    left = Client(croft, "left", version, **last_will("gone/left", b"left", qos=1, version=version))
    left.leave()
    settle(Client(croft, "settles"))
    time.sleep(0.2)
    restart(croft)

    for watcher, heard in heard_after_restart(croft, watchers, version).items():
        assert sorted(heard) == [b"0", b"1", b"2", b"3"], watcher
    for n in range(4):
        with Client(croft, "reader") as reader:
            reader.subscribe(f"gone/{n}")
            assert reader.message().payload == b"%d" % n, "and retained"
    restart(croft)
    assert set(map(len, heard_after_restart(croft, watchers, version).values())) == {0}, "not said again"
    del dying


def test_a_delayed_will_is_said_after_its_delay_and_once(fresh_croft):
    croft = fresh_croft("--dialect", "oasis", "--device-shards", "2")
    watcher = Client(croft, "watcher", **lasting(V5))
    watcher.subscribe("gone/#", qos=1)
    watcher.leave()

    def mortal(name, delay_s):
        will = last_will(f"gone/{name}", name.encode(), qos=1, block=number(WILL_DELAY, delay_s))
        return Client(croft, name, **{**lasting(V5), **will})

    open_at_the_kill = mortal("open", 2)
    mortal("broken", 2).drop()
    mortal("returns", 2).drop()
    later = mortal("later", 600)
    time.sleep(0.2)
    restart(croft)
    begun = time.monotonic()

    back(croft, "returns").leave()
    watcher = back(croft, "watcher")
    got = [watcher.message() for _ in range(2)]
    assert sorted(message.payload for message in got) == [b"broken", b"open"]
    assert 1.0 < time.monotonic() - begun < 6
    for message in got:
        watcher.acknowledge(PUBACK, message.packet_id)
    assert watcher.is_silent(1.0), "who came back is not gone, and another has time"
    watcher.leave()
    restart(croft)
    assert back(croft, "watcher").is_silent(2.5), "not said again"
    del open_at_the_kill, later
