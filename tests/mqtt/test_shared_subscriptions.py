"""Shared subscriptions over real connections, whose clients live on different shards."""

import shutil
import subprocess

import pytest
from mqtt_wire import PUBACK, PUBLISH, V3, V5, device, packet, publish, subscribe

MESSAGES = 400


def received(wire, version):
    """Payloads that came with QoS 1 and without properties, each acknowledged."""
    payloads = []
    while not wire.is_silent(0.5):
        first, body = wire.packet()
        assert first == PUBLISH | 2
        rest = body[2 + int.from_bytes(body[:2], "big"):]
        wire.send(packet(PUBACK, rest[:2]))
        payloads.append(rest[3:] if version == V5 else rest[2:])
    return payloads


@pytest.mark.parametrize("version", [V3, V5])
def test_every_message_reaches_one_member(croft, version):
    members = [device(croft, f"member-{version}-{n}", version) for n in range(8)]
    for member in members:
        member.send(subscribe(f"$share/workers/jobs-{version}/#", version=version)).packet()
    sender = device(croft, f"sender-{version}", version)
    for n in range(MESSAGES):
        sender.send(publish(f"jobs-{version}/{n % 7}", b"%d" % n, qos=1, packet_id=n + 1, version=version)).packet()

    shares = [received(member, version) for member in members]

    assert sorted(int(payload) for share in shares for payload in share) == list(range(MESSAGES))
    assert all(shares), "each member takes its turn"


@pytest.mark.skipif(not shutil.which("mosquitto_sub"), reason="needs mosquitto's clients")
def test_mosquitto_clients_share(croft):
    watcher = device(croft, "watcher")
    watcher.send(subscribe("$aws/events/subscriptions/subscribed/+"))
    assert all(watcher.packets(2)), "the SUBACK, and the event of it"
    members = [subprocess.Popen(["mosquitto_sub", "-V", "5", "-p", str(croft.port("mqtt")), "-t", "$share/g/plant/+", "-C", "5", "-W", "20"],
                                stdout=subprocess.PIPE, text=True) for _ in range(2)]
    payloads = [str(n) for n in range(10)]
    try:
        assert all(watcher.packets(2)), "an event for each member"
        for payload in payloads:
            subprocess.run(["mosquitto_pub", "-p", str(croft.port("mqtt")), "-t", "plant/1", "-q", "1", "-m", payload], check=True)
        got = [member.communicate(timeout=20)[0].split() for member in members]
    finally:
        for member in members:
            member.kill()
    assert sorted(got[0] + got[1], key=int) == payloads
    assert len(got[0]) == len(got[1]) == 5
