"""A scripted MySQL server for what real ones do not do on demand.

It greets, lets one account in by a chosen login method, and answers a few statements; packets, the
caching_sha2_password exchange and the binary rows follow the protocol's documentation. Run by tests only.
"""

import dataclasses
import hashlib
import os
import socket
import ssl
import struct
import threading

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_SSL, CLIENT_PROTOCOL_41, CLIENT_PLUGIN_AUTH, CLIENT_SECURE, CLIENT_WITH_DB = 0x800, 0x200, 0x80000, 0x8000, 0x8
CAPABILITIES = 0x1 | 0x4 | CLIENT_WITH_DB | CLIENT_PROTOCOL_41 | 0x2000 | CLIENT_SECURE | CLIENT_PLUGIN_AUTH
USER, PASSWORD = "peer", "p@ss word"
LONGLONG, VAR_STRING, DATETIME = 8, 253, 12
MORE_AUTH, FULL_EXCHANGE, FAST_DONE, KEY_PLEASE = b"\x01", b"\x01\x04", b"\x01\x03", b"\x02"


@dataclasses.dataclass
class Script:
    """What this server is like."""
    offers_tls: bool = False
    certificate: tuple = ()           # (cert, key) for TLS
    plugin: str = "caching_sha2_password"
    fast: bool = False                # the server still knows the password's hash
    version: str = "8.0.36"
    columns: tuple = ((b"id", LONGLONG, 63, 0), (b"t", VAR_STRING, 45, 0))
    rows: tuple = ((1, b"one"), (2, b"two"))
    raw_rows: tuple = ()              # instead: whole packets
    ending: str = "eof"               # "eof", "error", "close"


def lenenc(data):
    if len(data) < 251:
        return bytes([len(data)]) + data
    return b"\xfc" + struct.pack("<H", len(data)) + data


def definition(name, kind, charset, flags):
    return b"".join(map(lenenc, (b"def", b"", b"", b"", name, b""))) + b"\x0c" + struct.pack("<HIBHB", charset, 80, kind, flags, 0) + b"\0\0"


def binary_row(columns, row):
    nulls = bytearray((len(columns) + 9) // 8)
    values = b""
    for i, ((_, kind, _, _), cell) in enumerate(zip(columns, row)):
        if cell is None:
            nulls[(i + 2) // 8] |= 1 << (i + 2) % 8
        elif kind == LONGLONG:
            values += struct.pack("<q", cell)
        else:
            values += lenenc(cell)
    return b"\0" + bytes(nulls) + values


class Peer:
    def __init__(self, script):
        self.script = script
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = []        # what happened, in order
        self.in_clear = b""   # every byte that came without TLS
        threading.Thread(target=self.serve, daemon=True).start()

    def url(self, parameters="", password="p%40ss%20word"):
        return f"mysql://{USER}:{password}@127.0.0.1:{self.port}/rivet{parameters}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(Session(self, connection),), daemon=True).start()

    def talk(self, session):
        try:
            session.run()
        except (OSError, EOFError, ssl.SSLError):
            self.seen.append("closed")
        finally:
            session.connection.close()


class Session:
    def __init__(self, peer, connection):
        self.peer, self.script, self.connection = peer, peer.script, connection
        self.number, self.is_encrypted = 0, False
        self.nonce = bytes(b % 127 + 1 for b in os.urandom(20))

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.connection.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        if not self.is_encrypted:
            self.peer.in_clear += data
        return data

    def read(self):
        head = self.receive(4)
        self.number = head[3] + 1
        return self.receive(int.from_bytes(head[:3], "little"))

    def write(self, *packets):
        data = b""
        for packet in packets:
            data += len(packet).to_bytes(3, "little") + bytes([self.number % 256]) + packet
            self.number += 1
        self.connection.sendall(data)

    def ok(self):
        self.write(b"\0\0\0\x02\0\0\0")

    def error(self, number, text):
        self.write(b"\xff" + struct.pack("<H", number) + b"#HY000" + text.encode())

    def run(self):
        if self.login():
            self.peer.seen.append("logged in")
            self.ok()
            while self.command():
                pass

    # ---- login ----

    def greeting(self):
        capabilities = CAPABILITIES | (CLIENT_SSL if self.script.offers_tls else 0)
        return (b"\x0a" + self.script.version.encode() + b"\0" + struct.pack("<I", 7) + self.nonce[:8] + b"\0"
                + struct.pack("<H", capabilities & 0xFFFF) + b"\x2d" + b"\x02\0" + struct.pack("<H", capabilities >> 16)
                + bytes([21]) + bytes(10) + self.nonce[8:] + b"\0" + self.script.plugin.encode() + b"\0")

    def login(self):
        self.write(self.greeting())
        packet = self.read()
        if struct.unpack("<I", packet[:4])[0] & CLIENT_SSL:
            self.peer.seen.append("tls")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.script.certificate)
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.is_encrypted = True
            packet = self.read()
        user, rest = packet[32:].split(b"\0", 1)
        self.peer.seen.append(f"login as {user.decode()}")
        answer = rest[1:1 + rest[0]]
        return getattr(self, f"check_{self.script.plugin}", self.check_other)(answer)

    def check_other(self, answer):
        """A method that rivet does not take part in gets nothing but a question."""
        self.peer.seen.append(f"answer of {len(answer)} bytes")
        self.write(b"\xfe" + self.script.plugin.encode() + b"\0" + self.nonce + b"\0")
        self.peer.seen.append(f"then {self.read()!r}")
        return False

    def check_caching_sha2_password(self, answer):
        digest = hashlib.sha256(PASSWORD.encode()).digest()
        mix = hashlib.sha256(hashlib.sha256(digest).digest() + self.nonce).digest()
        if answer != bytes(a ^ b for a, b in zip(digest, mix)):
            return self.refuse()
        if self.script.fast:
            self.peer.seen.append("fast")
            self.write(FAST_DONE)
            return True
        self.peer.seen.append("full exchange")
        self.write(FULL_EXCHANGE)
        packet = self.read()
        if not self.is_encrypted:
            if packet != KEY_PLEASE:
                return self.refuse()
            self.peer.seen.append("public key")
            self.write(MORE_AUTH + self.peer.key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
            mixed = self.peer.key.decrypt(self.read(), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
            packet = bytes(b ^ self.nonce[i % 20] for i, b in enumerate(mixed))
        return packet == PASSWORD.encode() + b"\0" or self.refuse()

    def refuse(self):
        self.error(1045, f"Access denied for user '{USER}'")
        return False

    # ---- commands ----

    def command(self):
        self.number = 0
        packet = self.read()
        kind, text = packet[0], packet[1:]
        if kind == 1:  # quit
            self.peer.seen.append("quit")
            return False
        if kind == 3:
            return self.query(text.decode())
        if kind == 0x16:
            self.peer.seen.append(f"prepare {text.decode()}")
            self.prepared()
        elif kind == 0x17:
            return self.execute()
        elif kind != 0x19:  # closing a statement has no answer
            self.ok()
        return True

    def query(self, sql):
        if not sql.startswith("SELECT"):
            self.ok()
            return True
        self.write(b"\x01", definition(b"a", VAR_STRING, 45, 0), b"\xfe\0\0\x02\0", lenenc(b""), b"\xfe\0\0\x02\0")
        return True

    def definitions(self):
        return [definition(*column) for column in self.script.columns] + [b"\xfe\0\0\x02\0"]

    def prepared(self):
        self.write(b"\0" + struct.pack("<IHHBH", 1, len(self.script.columns), 0, 0, 0), *self.definitions())

    def execute(self):
        rows = self.script.raw_rows or [binary_row(self.script.columns, row) for row in self.script.rows]
        self.write(bytes([len(self.script.columns)]), *self.definitions(), *rows)
        if self.script.ending == "eof":
            self.write(b"\xfe\0\0\x02\0")
        elif self.script.ending == "error":
            self.error(1317, "Query execution was interrupted")
        return self.script.ending != "close"
