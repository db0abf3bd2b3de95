"""A web service on loopback that keeps what it was asked and answers as the test says."""

import http.server
import json
import ssl
import threading
import time
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession


def signed(croft, method, path, body=None):
    """A request for IoT as later models have it, which botocore's own does not know: (code, status, members of the answer)."""
    body = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = botocore.awsrequest.AWSRequest(method, croft.endpoints["gateway"] + path, {}, body)
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "iot", croft.credentials["region"]).add_auth(request)
    answer = botocore.httpsession.URLLib3Session().send(request.prepare())
    return answer.headers.get("x-amzn-errortype", ""), answer.status_code, json.loads(answer.content or b"{}")


class Request:
    def __init__(self, handler, body):
        self.method = handler.command
        self.target = handler.path
        self.path, _, self.query = handler.path.partition("?")
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body
        self.connection = handler.connection_number

    def json(self):
        return json.loads(self.body)


class Endpoint:
    """Answers 200 unless `answers` has others: a list of (status, headers, body), or a function of the request that gives one.
    A destination's confirmation request is confirmed when `confirms` is set, and kept in `confirmations`."""

    def __init__(self, certificate=None, key=None, confirms=True):
        self.requests, self.confirmations = [], []
        self.confirms = confirms
        self.answers = []
        self.connections = 0
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                endpoint.connections += 1
                self.connection_number = endpoint.connections

            def log_message(self, *_):
                pass

            def answer(self):
                request = Request(self, self.rfile.read(int(self.headers.get("content-length") or 0)))
                status, headers, body = endpoint.judge(request)
                if status is None:  # the connection ends without an answer
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                if headers.get("connection") == "close":
                    self.close_connection = True

            do_GET = do_POST = do_PUT = answer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.port = self.server.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def judge(self, request):
        if request.headers.get("x-amz-rules-engine-message-type") == "DestinationConfirmation":
            self.confirmations.append(request)
            if self.confirms:
                urllib.request.urlopen(request.json()["enableUrl"], timeout=5).read()
            return self.answers(request) if callable(self.answers) else (200, {}, b"")
        self.requests.append(request)
        if callable(self.answers):
            return self.answers(request)
        return self.answers.pop(0) if self.answers else (200, {}, b"")

    def wait_for(self, count, timeout=10):
        """The first `count` requests."""
        return self.wait_in("requests", count, timeout)

    def wait_in(self, name, count, timeout=10):
        deadline = time.monotonic() + timeout
        while len(getattr(self, name)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(getattr(self, name))} {name} came instead of {count}")
            time.sleep(0.01)
        return getattr(self, name)[:count]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
