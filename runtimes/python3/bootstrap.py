"""Runs a Lambda handler: takes invocations from the Runtime API, calls the handler, sends back what it returns.

The contract is the one of AWS Lambda's Python runtimes: context object, log format, error documents. Runs on Python
3.6 and later, imports only what every handler pays for, and keeps one connection to the Runtime API.
"""
import json
import logging
import os
import socket
import sys
import time

API_ADDRESS = os.environ["AWS_LAMBDA_RUNTIME_API"]
API_BASE = "/2018-06-01/runtime/"
TASK_ROOT = os.environ.get("LAMBDA_TASK_ROOT", os.getcwd())


class RuntimeFault(Exception):
    """A failure that has a document of its own instead of the handler's exception."""

    def __init__(self, error_type, message, stack=()):
        Exception.__init__(self, message)
        self.document = {"errorMessage": message, "errorType": error_type, "stackTrace": list(stack)}


class RuntimeClient:
    """HTTP/1.1 to the Runtime API over one kept connection: a fraction of the cost of http.client."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._address = (host, int(port))
        self._socket = None
        self._reader = None

    def request(self, method, path, body=b"", extra=""):
        head = "%s %s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n" % (
            method, API_BASE, path, API_ADDRESS, len(body), extra)
        message = head.encode("latin-1") + body
        try:
            return self._exchange(message)
        except (ConnectionError, EOFError):
            # A connection that was idle for long may have been closed; one that is fresh may not.
            self._socket = None
            return self._exchange(message)

    def _exchange(self, message):
        if self._socket is None:
            self._socket = socket.create_connection(self._address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reader = self._socket.makefile("rb", 65536)
        self._socket.sendall(message)
        return self._read_response()

    def _read_response(self):
        status_line = self._reader.readline()
        if not status_line:
            raise EOFError("the Runtime API closed the connection")
        headers = {}
        while True:
            line = self._reader.readline()
            if line in (b"\r\n", b"\n", b""):
                break
            name, _, value = line.decode("utf-8", "replace").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self._reader.read(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self._socket.close()
            self._socket = None
        return int(status_line.split(None, 2)[1]), headers, body


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Client:
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, given):
        for name in self.__slots__:
            setattr(self, name, given.get(name))


class ClientContext:
    __slots__ = ("custom", "env", "client")

    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        client = given.get("client")
        self.client = Client(client) if client else None


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = CognitoIdentity()
        client_context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        self.tenant_id = None
        # Counted on the monotonic clock, so that a stepped wall clock changes nothing.
        left_ms = int(headers.get("lambda-runtime-deadline-ms", "0")) - time.time() * 1000
        self._deadline = time.monotonic() + left_ms / 1000

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))
        sys.stdout.flush()

    def __repr__(self):
        return "LambdaContext(%s)" % ", ".join("%s=%r" % item for item in sorted(vars(self).items()))


class RequestIdFilter(logging.Filter):
    request_id = None

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id or ""
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(RequestIdFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if level in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "CRITICAL"):
        root.setLevel(getattr(logging, level))


def write_lines_at_once():
    """What the handler printed must be in the pipe when it answers, and when it dies."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
        sys.stderr.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    else:
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the handler closed or replaced it


class BotocoreEndpoint:
    """Import hook: AWS_ENDPOINT_URL for a botocore that does not know it yet (before 1.31)."""

    target = "botocore.session"

    def find_spec(self, name, path=None, target=None):
        if name != self.target:
            return None
        sys.meta_path.remove(self)
        import importlib.util
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            self._wrap(spec.loader)
        return spec

    def _wrap(self, loader):
        load = loader.exec_module

        def exec_module(module):
            load(module)
            patch_create_client(module)

        loader.exec_module = exec_module


def version_of(module):
    parts = getattr(module, "__version__", "0").split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in parts[:2])


def endpoint_of(service_name):
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    own = "AWS_ENDPOINT_URL_" + str(service_name).upper().replace("-", "_").replace(" ", "_")
    return os.environ.get(own) or os.environ.get("AWS_ENDPOINT_URL")


def patch_create_client(session_module):
    if version_of(sys.modules.get("botocore")) >= (1, 31):
        return
    session_class = session_module.Session
    create_client = session_class.create_client

    def create_client_here(self, service_name, *args, **kwargs):
        # endpoint_url is the fifth argument after the name when given by position.
        if len(args) < 5 and kwargs.get("endpoint_url") is None:
            endpoint = endpoint_of(service_name)
            if endpoint:
                kwargs["endpoint_url"] = endpoint
        return create_client(self, service_name, *args, **kwargs)

    session_class.create_client = create_client_here


def load_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise RuntimeFault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error))
    module_name = module_name.replace("/", ".")
    import importlib
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        raise RuntimeFault(
            "Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error),
            ["  File \"%s\" Line %s\n    %s" % (error.filename, error.lineno, (error.text or "").strip())])
    handler = getattr(module, function_name, None)
    if handler is None:
        raise RuntimeFault("Runtime.HandlerNotFound",
                           "Handler '%s' missing on module '%s'" % (function_name, module_name))
    return handler


def encode_extra(value):
    if type(value).__name__ == "Decimal":  # boto3's numbers
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def error_document(error):
    if isinstance(error, RuntimeFault):
        return error.document
    import traceback
    frames = traceback.extract_tb(error.__traceback__)
    # Only the handler's part of the way: the frames of this file are the runtime's.
    stack = [line for frame, line in zip(frames, traceback.format_list(frames)) if frame[0] != __file__
             and not frame[0].startswith("<frozen importlib")]
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": stack}


def log_error(document):
    lines = ["[ERROR] %s: %s" % (document["errorType"], document["errorMessage"])]
    if document["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines.extend(line.rstrip("\n") for line in document["stackTrace"])
    try:
        print("\n".join(lines), flush=True)
    except (OSError, ValueError, AttributeError):
        pass


def to_json(document):
    return json.dumps(document, ensure_ascii=False, default=encode_extra).encode("utf-8", "surrogatepass")


def send_error(client, path, document):
    log_error(document)
    flush_output()
    kind = "Lambda-Runtime-Function-Error-Type: %s\r\n" % "".join(
        c for c in document["errorType"] if c.isalnum() or c in "._")
    client.request("POST", path, to_json(document).decode("utf-8", "replace").encode("utf-8"), kind)


def invoke(handler, headers, body):
    try:
        event = json.loads(body.decode("utf-8"))
    except ValueError as error:
        raise RuntimeFault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
    result = handler(event, LambdaContext(headers))
    try:
        return to_json(result).decode("utf-8").encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise RuntimeFault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def serve_one(client, handler):
    status, headers, body = client.request("GET", "invocation/next")
    if status != 200:
        sys.exit(1)
    request_id = headers["lambda-runtime-aws-request-id"]
    RequestIdFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
    try:
        answer = invoke(handler, headers, body)
    except Exception as error:  # what a handler may raise; SystemExit and the like end the process, as on Lambda
        document = error_document(error)
        document["requestId"] = request_id
        send_error(client, "invocation/%s/error" % request_id, document)
        return
    flush_output()
    client.request("POST", "invocation/%s/response" % request_id, answer)


def main():
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [TASK_ROOT] + [entry for entry in sys.path if entry not in (own_folder, TASK_ROOT)]
    sys.argv[1:] = []
    write_lines_at_once()
    set_up_logging()
    if os.environ.get("AWS_ENDPOINT_URL"):
        sys.meta_path.insert(0, BotocoreEndpoint())
    client = RuntimeClient(API_ADDRESS)
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        send_error(client, "init/error", error_document(error))
        sys.exit(1)
    while True:
        serve_one(client, handler)


if __name__ == "__main__":
    main()
