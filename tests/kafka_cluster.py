"""A Kafka cluster of one broker on loopback (librdkafka's mock), and a door to it that speaks TLS and SASL PLAIN."""

import socket
import ssl
import struct
import threading

import confluent_kafka


class Cluster:
    def __init__(self):
        self.owner = confluent_kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "x", "log_level": 0})
        broker = next(iter(self.owner.list_topics(timeout=10).brokers.values()))
        self.port = broker.port
        self.servers = f"127.0.0.1:{broker.port}"
        self.consumers = 0

    def read(self, topic, count, timeout=10):
        """The first `count` records of the topic, in the order of its partitions."""
        self.consumers += 1
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.servers, "group.id": f"g{self.consumers}",
                                             "auto.offset.reset": "earliest", "log_level": 0,
                                             "fetch.wait.max.ms": 10, "fetch.error.backoff.ms": 10})
        partitions = self.owner.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, n, 0) for n in partitions])
        records = []
        for _ in range(int(timeout * 10)):
            records += [record for record in consumer.consume(count, timeout=0.1) if not record.error()]
            if len(records) >= count:
                break
        consumer.close()
        return records

    def is_there(self, topic):
        return topic in self.owner.list_topics(timeout=10).topics


class Door:
    """TLS before the broker, which tells clients the port of this door. With `passwords` SASL PLAIN comes first, as
    brokers without SaslAuthenticate have it: a token and an empty answer, each with its length."""

    def __init__(self, cluster, server, authority=None, passwords=None):
        self.cluster, self.passwords, self.tokens, self.handshakes = cluster, passwords, [], 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(server.pem, server.key)
        if authority:
            self.context.load_verify_locations(authority.pem)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.servers = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            client = self.context.wrap_socket(connection, server_side=True)
            self.handshakes += 1
            broker = socket.create_connection(("127.0.0.1", self.cluster.port))
            if self.passwords is not None:
                token = self.sign_in(broker, client)
                self.tokens.append(token)
                if token not in self.passwords:
                    client.close()
                    return
                client.sendall(b"\0\0\0\0")
            threading.Thread(target=self.answers, args=(broker, client), daemon=True).start()
            while True:
                broker.sendall(self.frame(client))
        except (OSError, EOFError):
            connection.close()

    def answers(self, broker, client):
        try:
            while True:
                client.sendall(self.told(self.frame(broker)))
        except (OSError, EOFError):
            broker.close()

    def sign_in(self, broker, client):
        """Answers SaslHandshake, which the broker does not know, and lists it with what the broker does; the token then."""
        while True:
            request = self.frame(client)[4:]
            key, version = struct.unpack(">hh", request[:4])
            if key == 18:  # ApiVersions, until both know a version
                broker.sendall(struct.pack(">i", len(request)) + request)
                answer = self.frame(broker)[4:]
                if version == 0:
                    count = struct.unpack(">i", answer[6:10])[0]
                    answer = answer[:6] + struct.pack(">i", count + 1) + answer[10:] + struct.pack(">hhh", 17, 0, 1)
            elif key == 17:
                answer = request[4:8] + struct.pack(">hih", 0, 1, 5) + b"PLAIN"
            else:
                return request
            client.sendall(struct.pack(">i", len(answer)) + answer)

    def told(self, frame):
        return frame.replace(b"127.0.0.1" + struct.pack(">i", self.cluster.port), b"127.0.0.1" + struct.pack(">i", self.port))

    @staticmethod
    def frame(stream):
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            size = 4 + struct.unpack(">i", data[:4])[0] if len(data) >= 4 else 4
            more = stream.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data
