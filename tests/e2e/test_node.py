"""AWS's JavaScript clients: SDK v3 against the gateway, the IoT Device SDK v2 by mutual TLS."""

import json
import pathlib
import subprocess

from test_article import deploy_article

NODE = pathlib.Path(__file__).resolve().parent.parent / "node"


def node(croft, script, *arguments):
    done = subprocess.run(["node", str(NODE / script), *arguments], env=croft.environment, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sdk_v3(croft):
    deploy_article(croft, "node")
    assert "sdk ok" in node(croft, "sdk.mjs")


def device_sdk(croft, folder, script):
    """The script's output; it connects with a new certificate."""
    iot, name = croft.client("iot"), script.removesuffix(".mjs")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_policy(policyName=name, policyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}))
    iot.attach_policy(policyName=name, target=made["certificateArn"])
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_text(made["certificatePem"])
    key.write_text(made["keyPair"]["PrivateKey"])
    host = croft.endpoints["mqtts"].rsplit(":", 1)[0]
    return node(croft, script, host, str(croft.port("mqtts")), croft.endpoints["ca"], str(certificate), str(key), "sdk-" + name)


def test_device_sdk_v2_by_mutual_tls(croft, tmp_path):
    assert "device ok" in device_sdk(croft, tmp_path, "device.mjs")


def test_the_shadow_client_of_device_sdk_v2(croft, tmp_path):
    assert "shadow ok" in device_sdk(croft, tmp_path, "shadow.mjs")


def test_websocket_clients_by_signed_url(croft):
    out = node(croft, "websocket.mjs")
    assert out.split("\n") == ["mqtt.js ok", "device sdk ok", ""]
