"""What waits for a group of shared subscriptions: whoever comes takes it, it is lost nowhere, and no two members get it.

AWS IoT developer guide, "Shared subscriptions"; MQTT 5.0, 4.8.2.
"""

import collections
import random
import time

import pytest
from conftest import wait_until
from mqtt_wire import PINGREQ, PINGRESP, PUBACK, UNSUBACK, V3, V5, Client, packet, publish, unsubscribe
from test_conformance import lasting
from test_conformance_v5 import EXPIRY, number
from test_durable_sessions import Receiver, Sender, back, restart, run_under_kills

SESSION_EXPIRY = 0x11
JOBS = "$share/g/jobs/#"
WINDOW = 4


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


@pytest.fixture
def two_shards(fresh_croft):
    """A server whose clients have a small window."""
    return fresh_croft("--device-shards", "2", "--receive-maximum", str(WINDOW))


def join(croft, client_id, version=V5, qos=1, **more):
    member = Client(croft, client_id, version, **{**lasting(version), **more})
    assert member.subscribe(JOBS, qos=qos) == [qos]
    return member


def say(croft, numbers, qos=1):
    with Client(croft, "writer-" + str(time.monotonic_ns())) as writer:
        for n in numbers:
            writer.publish("jobs/a", b"%d" % n, qos=qos, packet_id=n % 1000 + 1)


def hears(member, silence=0.3):
    """What comes until nothing more does, each acknowledged."""
    got = []
    while not member.is_silent(silence):
        message = member.message()
        if message.qos:
            member.acknowledge(PUBACK, message.packet_id)
        got.append(int(message.payload))
    return got


def unacknowledged(member, count):
    """So many messages and no more; none is acknowledged."""
    got = [member.message() for _ in range(count)]
    assert member.is_silent(), "its window is full"
    return [int(message.payload) for message in got]


def settled(member):
    """The server knows what the member acknowledged."""
    assert member.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
@pytest.mark.parametrize("newcomer", ["lasting", "clean", "qos 0"])
def test_what_nobody_was_there_for_is_for_whoever_comes(two_shards, version, newcomer, killed):
    croft = two_shards
    for n in range(3):
        join(croft, f"away{n}", version).leave()
    say(croft, range(20))
    if killed:
        restart(croft)

    more = {"lasting": {}, "clean": {"clean": True, "block": b""}, "qos 0": {"qos": 0}}[newcomer]
    comes = join(croft, "comes", version, **more)
    assert hears(comes) == list(range(20)), "all of it, in order"
    settled(comes)
    if killed:
        restart(croft)
    for n in range(3):
        assert hears(back(croft, f"away{n}", version)) == [], "nobody gets it twice"


def test_a_member_that_comes_back_gets_what_waited_and_what_comes_behind_it_in_order(two_shards, version):
    croft = two_shards
    join(croft, "member", version).leave()
    say(croft, range(30))
    member = back(croft, "member", version)
    begun = unacknowledged(member, WINDOW)
    say(croft, range(30, 60))
    for n in range(WINDOW):
        member.acknowledge(PUBACK, n + 1)
    assert begun + hears(member) == list(range(60))
    say(croft, range(60, 63))
    assert hears(member) == [60, 61, 62]


def test_two_that_come_share_what_waited(two_shards, version):
    croft = two_shards
    join(croft, "away", version).leave()
    say(croft, range(40))
    first, second = join(croft, "first", version), join(croft, "second", version)
    shares = [unacknowledged(first, WINDOW), unacknowledged(second, WINDOW)]
    assert not set(shares[0]) & set(shares[1])
    for member, share in zip((first, second), shares):
        for n in range(WINDOW):
            member.acknowledge(PUBACK, n + 1)
        share += hears(member)
    assert sorted(shares[0] + shares[1]) == list(range(40))


@pytest.mark.parametrize("other", ["here", "comes"])
def test_what_was_not_sent_to_a_member_that_goes_away_goes_on_and_what_was_sent_stays(two_shards, version, other):
    croft = two_shards
    slow = join(croft, "slow", version)
    say(croft, range(12))
    sent = unacknowledged(slow, WINDOW)
    if other == "here":
        members = [join(croft, f"other{n}", version) for n in range(2)]
        slow.drop()
    else:
        slow.drop()
        members = [join(croft, f"other{n}", version) for n in range(2)]
    assert sent == list(range(WINDOW))
    assert sorted(hears(members[0]) + hears(members[1])) == list(range(WINDOW, 12))
    slow = back(croft, "slow", version)
    again = [slow.message() for _ in range(WINDOW)]
    assert [(int(message.payload), message.dup) for message in again] == [(n, True) for n in sent]
    assert slow.is_silent() and all(member.is_silent() for member in members)


def end_by_clean_start(croft, member, version):
    member.drop()
    Client(croft, "ends", version, clean=True)


def end_by_expiry(croft, member, version):
    member.drop()
    time.sleep(1.5)


def end_by_crash_and_expiry(croft, member, version):
    croft.kill()
    time.sleep(1.1)
    croft.start()


ENDS = {
    "clean session": ({"clean": True, "block": b""}, lambda croft, member, version: member.drop()),
    "clean start": ({}, end_by_clean_start),
    "expiry": ({}, end_by_expiry),
    "expiry behind a crash": ({}, end_by_crash_and_expiry),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_session_that_ends_leaves_what_it_did_not_acknowledge_to_the_others(fresh_croft, version, how):
    connects, ends = ENDS[how]
    options = ["--session-expiry", "1", "--session-expiry-max", "1"] if "expiry" in how else []
    croft = fresh_croft("--device-shards", "2", "--receive-maximum", str(WINDOW), *options)
    member = join(croft, "ends", version, **connects)
    say(croft, range(12))
    assert unacknowledged(member, WINDOW) == list(range(WINDOW))
    member.acknowledge(PUBACK, 2)
    assert int(member.message().payload) == WINDOW
    if "crash" in how:
        ends(croft, member, version)
        other = join(croft, "other", version)
        got = hears(other, 1.5)
        # A PUBACK that the disk does not have when croft is killed is forgotten: at least once.
        assert set(got) | {1} == set(range(12))
    else:
        other = join(croft, "other", version)
        ends(croft, member, version)
        got = hears(other, 1.0)
        waited, sent = list(range(WINDOW + 1, 12)), [0, 2, 3, 4]
        assert got == (sent + waited if how == "clean session" else waited + sent), "what was not sent went when it left"
    settled(other)


def test_a_session_that_ends_alone_takes_its_group_along(two_shards, version):
    croft = two_shards
    join(croft, "last", version).leave()
    say(croft, range(5))
    Client(croft, "last", version, clean=True).leave()
    restart(croft)
    assert hears(join(croft, "new", version)) == []


def test_who_unsubscribes_keeps_what_was_sent_and_leaves_the_rest(two_shards, version):
    croft = two_shards
    leaves = join(croft, "leaves", version)
    assert leaves.subscribe("own") == [1]
    say(croft, range(8))
    assert unacknowledged(leaves, WINDOW) == list(range(WINDOW))
    Client(croft, "owner").publish("own", b"100", qos=1)
    other = join(croft, "other", version)
    leaves.send(unsubscribe(JOBS, version=version))
    assert leaves.packet()[0] == UNSUBACK
    assert hears(other) == list(range(WINDOW, 8))
    for n in range(WINDOW):
        leaves.acknowledge(PUBACK, n + 1)
    assert hears(leaves) == [100], "of its own subscriptions nothing is missing"


def test_a_clean_member_that_a_crash_ends_leaves_what_it_had(two_shards, version):
    croft = two_shards
    join(croft, "lasts", version).leave()
    say(croft, range(10))
    clean = join(croft, "clean", version, clean=True, block=b"")
    assert unacknowledged(clean, WINDOW) == list(range(WINDOW))
    clean.acknowledge(PUBACK, 1)
    assert int(clean.message().payload) == WINDOW
    settled(clean)
    say(croft, range(10, 15))  # what was acknowledged before is on disk
    restart(croft)
    assert sorted(hears(back(croft, "lasts", version))) == list(range(1, 15))


def test_what_expires_while_it_waits_is_gone(two_shards):
    croft = two_shards
    join(croft, "away").leave()
    with Client(croft, "writer") as writer:
        for n in range(6):
            writer.publish("jobs/a", b"%d" % n, qos=1, packet_id=n + 1, block=number(EXPIRY, 1 if n % 2 else 60))
    time.sleep(1.2)
    assert hears(join(croft, "comes")) == [0, 2, 4]


def test_more_than_a_window_of_qos_0_comes_whole(two_shards):
    croft = two_shards
    join(croft, "away").leave()
    with Client(croft, "writer") as writer:
        for begin in range(0, 2400, 2):
            writer.send(b"".join(publish("jobs/a", b"%d" % n, qos=1, packet_id=n + 1) for n in range(begin, begin + 2)))
            assert [answer[0] for answer in writer.packets(2)] == [PUBACK] * 2
    assert hears(join(croft, "comes", qos=0), 0.6) == list(range(2400))


def test_members_that_come_and_go_share_everything_once(fresh_croft, version):
    """Members come and go without a crash: each message reaches one member, and every one does."""
    croft = fresh_croft("--device-shards", "2", "--receive-maximum", "10")
    rng = random.Random(5)
    senders = [Sender(f"sender{n}", 1, version) for n in range(3)]
    for sender in senders:
        sender.window = 8
    members = [Receiver(f"member{n}", 1, version, "$share/g/load/#") for n in range(4)]
    for member in members:
        member.first_subscription(croft)
    for sender in senders:
        sender.start_on(croft)
    for _ in range(12):
        with_it = rng.sample(members, rng.randrange(0, 3))
        for member in with_it:
            member.start_on(croft)
        time.sleep(0.1 + 0.1 * rng.random())
        for member in with_it:
            Client(croft, member.name, version, **lasting(version)).socket.close()  # takes it over
            member.join(timeout=20)
            assert not member.is_alive()
    for sender in senders:
        sender.stopping.set()
    for member in members:
        member.start_on(croft)
    for sender in senders:
        sender.join(timeout=30)
        assert not sender.is_alive() and sender.sent == sender.acknowledged > 100
    assert_all_reached_somebody(senders, members)
    for sender in senders:
        owners = collections.Counter(n for member in members for n in set(member.got[sender.name]))
        assert set(owners.values()) == {1}, "nobody got what another member had got"


def assert_all_reached_somebody(senders, members):
    for sender in senders:
        wait_until(lambda: {n for member in members for n in member.got[sender.name]} == set(range(sender.sent)), timeout=60,
                   what=f"all of {sender.name}")


@pytest.mark.parametrize("seed", [1, 2])
def test_every_acknowledged_message_reaches_a_member_over_kills(fresh_croft, version, seed):
    croft = fresh_croft("--device-shards", "2")
    rounds = 6
    senders = [Sender(f"sender{n}", 1, version) for n in range(3)]
    members = [Receiver(f"member{n}", 1, version, "$share/g/load/#") for n in range(3)]
    run_under_kills(croft, senders, members, rounds, random.Random(seed))
    assert_all_reached_somebody(senders, members)
    wait_until(lambda: all(member.is_idle() for member in members), what="nothing more comes")
    for sender in senders:
        copies = sum(len(member.got[sender.name]) for member in members)
        most = sender.sent + rounds * (Sender.window + 100 * len(members))
        assert copies <= most, "what is repeated was in flight when the server died"
