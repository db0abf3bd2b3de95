"""Rights that are taken away while a device is there, and identities that look like wildcards."""

import json
import re
import ssl

import pytest
from mqtt_wire import (CONNACK, DISCONNECT, PUBACK, PUBLISH, SUBACK, V3, V5, Wire, connect, packet, publish, reason, subscribe,
                       text,
                       variable)

ARN = "arn:aws:iot:us-east-1:000000000000:"


def statement(action, *resources):
    return {"Effect": "Allow", "Action": f"iot:{action}", "Resource": [ARN + resource for resource in resources]}


class Certified:
    """A registered certificate with one policy."""

    def __init__(self, croft, folder, name, *statements):
        self.croft, self.iot, self.name = croft, croft.client("iot"), name
        made = self.iot.create_keys_and_certificate(setAsActive=True)
        self.id, self.arn = made["certificateId"], made["certificateArn"]
        self.iot.create_policy(policyName=name, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        self.iot.attach_policy(policyName=name, target=self.arn)
        (folder / name).write_text(made["certificatePem"] + made["keyPair"]["PrivateKey"])
        self.context = ssl.create_default_context(cafile=croft.endpoints["ca"])
        self.context.load_cert_chain(folder / name)

    def wire(self):
        return Wire(self.croft.port("mqtts"), tls=self.context)

    def device(self, client_id, version=V5, **more):
        wire = self.wire()
        assert reason(wire.send(connect(client_id, version, **more)).packet(), 1) == (CONNACK, 0)
        return wire

    def detach(self):
        self.iot.detach_policy(policyName=self.name, target=self.arn)

    def attach(self):
        self.iot.attach_policy(policyName=self.name, target=self.arn)


@pytest.fixture
def certified(croft, tmp_path, request):
    return lambda *statements: Certified(croft, tmp_path, re.sub("[^a-zA-Z_]", "_", request.node.name)[-100:], *statements)


ANYTHING = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


def test_a_detached_policy_counts_at_once_for_whoever_is_connected(certified):
    owner = certified(ANYTHING)
    with owner.device("present") as wire, owner.device("old", version=V3) as old:
        wire.send(subscribe("detach/#")).send(publish("detach/a", b"1", qos=1))
        assert sorted(first for first, _ in wire.packets(3)) == [PUBLISH | 2, PUBACK, SUBACK]
        wire.send(packet(PUBACK, b"\x00\x01"))
        owner.detach()
        wire.send(publish("detach/a", b"2", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(publish("detach/a", b"3", qos=1, retain=True))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(subscribe("detach/other", packet_id=2))
        assert wire.packet() == (SUBACK, b"\x00\x02\x00\x87")
        assert old.send(publish("detach/a", b"4", version=V3)).is_closed()
        with Wire(owner.croft.port("mqtt")) as other:
            other.send(connect("other")).packet()
            other.send(publish("detach/a", b"5", qos=1))
            assert reason(other.packet(), 2) == (PUBACK, 0)
        assert wire.is_silent()
        with owner.wire() as again:
            assert reason(again.send(connect("again")).packet(), 1) == (CONNACK, 0x87)


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_certificate_that_leaves_active_ends_its_connections(certified, status):
    owner = certified(ANYTHING)
    with owner.device("ended", will=variable(0) + text("last/words") + text("x"), flags=4) as wire, owner.device("old",
        V3) as old, \
            Wire(owner.croft.port("mqtt")) as witness:
        witness.send(connect("witness")).packet()
        witness.send(subscribe("$aws/events/presence/disconnected/ended", "last/words", qos=0)).packet()
        owner.iot.update_certificate(certificateId=owner.id, newStatus=status)
        assert reason(wire.packet()) == (DISCONNECT, 0x87)
        assert wire.is_closed() and old.is_closed()
        first, body = witness.packet()
        event = json.loads(body[body.index(b'{"clientId"'):])
        assert (event["eventType"], event["disconnectReason"], event["clientInitiatedDisconnect"]) == ("disconnected",
            "AUTH_ERROR", False)
        assert witness.is_silent(), "the will of a client without rights was published"


def test_a_deleted_right_holds_back_what_is_retained_queued_or_waits_for_its_turn(certified):
    owner = certified(statement("Connect", "client/*"), statement("Subscribe", "topicfilter/*"), statement("Receive", "topic/*"))
    with Wire(owner.croft.port("mqtt")) as sender:
        sender.send(connect("sender")).packet()

        def send(topic, payload, retain=False):
            sender.send(publish(topic, payload, qos=1, retain=retain))
            assert sender.packet()[0] == PUBACK

        kept = b"\x11\x00\x00\x0e\x10"  # session expiry
        one_at_a_time = b"\x21\x00\x01"  # receive maximum
        away, slow = owner.device("away", clean=False, block=kept), owner.device("slow", block=one_at_a_time)
        for wire in [away, slow]:
            wire.send(subscribe("held/#"))
            assert wire.packet()[0] == SUBACK
        away.send(packet(DISCONNECT, b"")).is_closed()
        send("held/retained", b"secret", retain=True)
        send("held/queued", b"secret")
        assert slow.packet()[1].endswith(b"secret")  # the second waits for its acknowledgement
        owner.iot.create_policy_version(policyName=owner.name, setAsDefault=True, policyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement("Connect", "client/*"), statement("Subscribe", "topicfilter/*"),
                                                    statement("Receive", "topic/free/*")]}))
        slow.send(packet(PUBACK, b"\x00\x01"))
        assert slow.is_silent()
        slow.send(subscribe("held/+", "held/retained", packet_id=2))
        assert slow.packet() == (SUBACK, b"\x00\x02\x00\x01\x01")
        assert slow.is_silent()
        with owner.device("away", clean=False, block=kept) as back:
            assert back.is_silent()
            back.send(subscribe("free/#", packet_id=3)).packet()
            send("free/a", b"public")
            assert back.packet()[1].endswith(b"public")
        slow.socket.close()


@pytest.mark.parametrize("client_id", ["+", "#", "*", "?", "a/+", "a*", "${iot:ClientId}", "${*}", "%2B", "../a"])
def test_a_client_id_never_acts_as_a_wildcard(croft, tmp_path_factory, client_id, shared={}):
    if croft not in shared:
        shared[croft] = Certified(croft, tmp_path_factory.mktemp("c"), "own", statement("Connect", "client/*"),
                                  statement("Publish", "topic/own/${iot:ClientId}"),
                                  statement("Subscribe", "topicfilter/own/${iot:ClientId}"),
                                  statement("Receive", "topic/own/${iot:ClientId}"))
    with shared[croft].device(client_id) as wire, Wire(croft.port("mqtt")) as sender:
        sender.send(connect("sender")).packet()
        for i, filter in enumerate(["own/victim", "own/+", "own/#", "own/a/b", "own/x", "#"]):
            wire.send(subscribe(filter, packet_id=i + 1))
            assert wire.packet() == (SUBACK, bytes([0, i + 1, 0, 0x87])), filter
        wire.send(publish("own/victim", b"x", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(subscribe("own/" + client_id, packet_id=9))  # its own name, which is a filter for some
        sender.send(publish("own/victim", b"secret", qos=1))
        sender.packet()
        assert wire.packet()[0] == SUBACK
        assert wire.is_silent()


def test_the_connect_right_takes_the_client_id_literally(certified):
    owner = certified(statement("Connect", "client/${iot:Connection.Thing.ThingName}", "client/only-me"))
    for client_id in ["*", "only-m?", "only-*", "${iot:Connection.Thing.ThingName}", "", "only-me/x", "ONLY-ME"]:
        with owner.wire() as wire:
            assert reason(wire.send(connect(client_id)).packet(), 1) == (CONNACK, 0x87), client_id
    owner.device("only-me").socket.close()


def test_no_policy_and_a_deny_both_mean_no(certified):
    owner = certified(ANYTHING, {"Effect": "Deny", "Action": "iot:Publish", "Resource": ARN + "topic/closed/*"})
    with owner.device("denied") as wire:
        wire.send(publish("closed/a", b"x", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(publish("open/a", b"x", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0)
