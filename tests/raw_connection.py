"""A bare TCP or TLS connection to the server under test, for bytes that no client library would send."""

import socket


class RawConnection:
    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends; a server that closed meanwhile is no error of the test."""
        try:
            self.socket.sendall(data)
        except OSError:
            pass
        return self

    def read(self):
        try:
            got = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError("the server neither answered nor closed the connection") from None
        except OSError:
            got = b""
        self.buffer += got
        return bool(got)
