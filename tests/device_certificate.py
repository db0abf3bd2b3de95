"""Registered certificates, and HTTPS requests with them."""

import http.client
import json
import ssl
import uuid

ARN = "arn:aws:iot:us-east-1:000000000000:"
ANYTHING = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


def allow(action, *resources):
    return {"Effect": "Allow", "Action": f"iot:{action}", "Resource": [ARN + resource for resource in resources]}


class DeviceCertificate:
    """An ACTIVE certificate with one policy."""

    def __init__(self, croft, folder, *statements):
        self.croft, self.iot = croft, croft.client("iot")
        made = self.iot.create_keys_and_certificate(setAsActive=True)
        self.id, self.arn, name = made["certificateId"], made["certificateArn"], "p-" + uuid.uuid4().hex
        self.iot.create_policy(policyName=name, policyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        self.iot.attach_policy(policyName=name, target=self.arn)
        self.certificate, self.key = folder / (name + ".crt"), folder / (name + ".key")
        self.certificate.write_text(made["certificatePem"])
        self.key.write_text(made["keyPair"]["PrivateKey"])

    def context(self, *alpn):
        context = trusting(self.croft, *alpn)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def deactivate(self):
        self.iot.update_certificate(certificateId=self.id, newStatus="INACTIVE")


def trusting(croft, *alpn):
    """A context without a client certificate."""
    context = ssl.create_default_context(cafile=croft.endpoints["ca"])
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class Answer:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def json(self):
        return json.loads(self.body)

    @property
    def refusal(self):
        """Error code, status and message."""
        return self.headers.get("x-amzn-errortype"), self.status, self.json()["message"]


class Https:
    """One connection that is kept open."""

    def __init__(self, croft, context, endpoint="device"):
        self.connection = http.client.HTTPSConnection("localhost", croft.port(endpoint), timeout=10, context=context)

    def ask(self, method, path, body=b"", headers=None):
        self.connection.request(method, path, body, headers or {})
        return Answer(self.connection.getresponse())


FORBIDDEN = ("ForbiddenException", 403, "Forbidden")
NO_TOKEN = ("ForbiddenException", 403, "Missing Authentication Token")
