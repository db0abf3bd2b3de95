"""A server that takes requests for AWS services as they would: it checks their signatures and answers what it is told to."""

import collections
import hashlib
import http.server
import json
import re
import socket
import ssl
import threading
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

KEY_ID, SECRET, TOKEN = "AKIAREMOTEEXAMPLE000", "remote/secret+key/EXAMPLE", "remote-session-token=="
REGION, ACCOUNT = "eu-west-3", "210987654321"


class Recorded:
    """One request as it came."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, self.query = target.partition("?")
        self.at = time.monotonic()

    @property
    def operation(self):
        return self.headers.get("x-amz-target", "")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        fields = urllib.parse.parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in fields.values())
        return {name: values[0] for name, values in fields.items()}

    @property
    def scope(self):
        """(access key, region, service) of the signature."""
        found = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request, ",
                         self.headers["authorization"])
        return found.groups()

    def signature_fault(self, secret, token, secure):
        """What is wrong with the signature, computed anew by botocore; "" when nothing is."""
        key_id, region, service = self.scope
        presented = re.search(r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$", self.headers["authorization"])
        signed = presented[1].split(";")
        if signed != sorted(signed) or "host" not in signed or "x-amz-date" not in signed:
            return f"signed headers {signed}"
        if (token or None) != self.headers.get("x-amz-security-token"):
            return "session token"
        age = time.time() - time.mktime(time.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")) + time.timezone
        if abs(age) > 300:
            return f"signed {age} s ago"
        scheme = "https" if secure else "http"
        request = botocore.awsrequest.AWSRequest(
            method=self.method, url=f"{scheme}://{self.headers['host']}{self.target}", data=self.body,
            headers={name: self.headers[name] for name in signed if name != "host"})
        request.context["timestamp"] = self.headers["x-amz-date"]
        if service == "s3" and self.headers["x-amz-content-sha256"] != hashlib.sha256(self.body).hexdigest():
            return "hash of the body"
        kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        auth = kind(botocore.credentials.Credentials(key_id, secret, token), service, region)
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return "" if expected == presented[2] else "signature"


class RemoteEndpoint:
    """Listens on loopback; `answers` are given in their order, then 200 with `usual`."""

    def __init__(self, certificate=None, secret=SECRET, token=TOKEN):
        self.requests, self.faults = [], []
        self.answers = collections.deque()
        self.usual = {}  # operation or path -> body
        self.delay = 0  # seconds before each answer
        self.secret, self.token = secret, token
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                names = [name.lower() for name in self.headers]
                request = Recorded(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                fault = "a header comes twice" if len(set(names)) < len(names) else request.signature_fault(
                    endpoint.secret, endpoint.token, certificate is not None)
                if fault:
                    endpoint.faults.append(fault)
                endpoint.requests.append(request)
                time.sleep(endpoint.delay)
                usual = endpoint.usual.get(request.operation) or endpoint.usual.get(request.path) or "{}"
                status, text, headers = endpoint.answers.popleft() if endpoint.answers else (200, usual, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_PUT = do_GET = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = ("https://" if certificate else "http://") + self.address
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, status, body, **headers):
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, text, {name.replace("_", "-"): value for name, value in headers.items()}))

    def forget(self):
        self.requests.clear()
        self.answers.clear()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class SilentEndpoint:
    """Takes connections and never answers."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def close(self):
        self.socket.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def as_botocore_sends(service, operation, url, **parameters):
    """The request that boto3 makes of these parameters, without sending it."""
    sent = []

    def keep(request, **_):
        sent.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, None)

    client = boto3.client(service, endpoint_url=url, region_name=REGION, aws_access_key_id="k", aws_secret_access_key="s",
                          config=botocore.config.Config(inject_host_prefix=False, retries={"max_attempts": 0}))
    client.meta.events.register("before-send.*.*", keep)
    try:
        getattr(client, operation)(**parameters)
    except Exception:  # what stands for an answer cannot be parsed
        pass
    request = sent[0]
    parts = urllib.parse.urlsplit(request.url)
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    headers = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    return Recorded(request.method, parts.path + ("?" + parts.query if parts.query else ""), headers, body)
