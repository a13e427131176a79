"""A Google Cloud Storage that does what the tests script: the JSON API as far as rivet uses it, with
the store's own rules for resumable uploads, and every way to leave an answer in doubt.

    with ScriptedGcs() as store:
        store.script("publish", DO_THEN_DROP)      # the first final chunk: done, its answer lost
        store.script("append", status(503), times=3)

It also plays the token endpoints. Every request is kept in `requests`, without the bytes of objects.
"""

import base64
import dataclasses
import hashlib
import http.server
import itertools
import json
import os
import re
import signal
import socket
import threading
import time
import urllib.parse

import google_crc32c

UNIT = 256 * 1024
# What happens to a scripted request, beside an answer of one's own (status).
DROP, DO_THEN_DROP, KILL, DO_THEN_KILL = "drop", "do then drop", "kill", "do then kill"


def status(code, reason="scripted", message="scripted answer", do=False, headers=None):
    """Answers with an error, after carrying the request out if `do`."""
    return {"status": code, "reason": reason, "message": message, "do": do, "headers": headers or {}}


def short(units):
    """Takes only so many units of the chunk."""
    return {"units": units}


class Hashed:
    """Content of which no more than size and checksum is kept, for objects of any size."""

    def __init__(self):
        self.size, self.crc = 0, 0

    def __iadd__(self, content):
        self.size, self.crc = self.size + len(content), google_crc32c.extend(self.crc, bytes(content))
        return self

    def __len__(self):
        return self.size


def crc32c(content):
    value = content.crc if isinstance(content, Hashed) else google_crc32c.value(bytes(content))
    return base64.b64encode(value.to_bytes(4, "big")).decode()


@dataclasses.dataclass
class Object:
    content: bytes
    metadata: dict
    generation: int
    content_type: str = "application/octet-stream"
    storage_class: str = "STANDARD"

    def resource(self, bucket, name):
        return {"kind": "storage#object", "bucket": bucket, "name": name, "size": str(len(self.content)),
                "crc32c": crc32c(self.content), "generation": str(self.generation), "metadata": self.metadata,
                "contentType": self.content_type, "storageClass": self.storage_class}


@dataclasses.dataclass
class Session:
    bucket: str
    name: str
    resource: dict
    must_be_new: bool
    content: bytearray
    state: str = "open"  # finished, cancelled
    result: tuple = None


@dataclasses.dataclass
class Request:
    what: str
    method: str
    path: str
    query: dict
    headers: dict
    size: int
    body: bytes  # of small ones

    def line(self):
        """As the transcripts show it."""
        return f"{self.method} {self.path}"


@dataclasses.dataclass
class Rule:
    what: str
    action: object
    skip: int
    times: int


class ScriptedGcs:
    def __init__(self, buckets=("bucket",), content=bytearray):
        self.buckets, self.objects, self.sessions = set(buckets), {}, {}
        self.requests, self.rules, self.lock = [], [], threading.RLock()
        self.generations, self.victim = itertools.count(1_700_000_000_000_001), None
        self.tokens = None  # None: anyone may do anything; else the tokens that count
        self.token_answers = {}  # path: function(request) -> (status, JSON)
        self.content = content  # how sessions keep their bytes: bytearray or Hashed
        self.ids = itertools.count(1)
        store = self

        class Handler(_Handler):
            owner = store

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    # ---- the script ----

    def script(self, what, action, skip=0, times=1):
        self.rules.append(Rule(what, action, skip, times))

    def next_action(self, what):
        with self.lock:
            for rule in self.rules:
                if rule.what != what or rule.times == 0:
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                else:
                    rule.times -= 1
                    return rule.action
        return None

    def kill_client(self):
        """Whoever talks to us dies now, like by a power cut: no byte of an answer reaches it."""
        os.kill(self.victim, signal.SIGKILL)
        time.sleep(0.05)

    # ---- what tests look at ----

    def visible(self, bucket="bucket", prefix=""):
        return {name[len(prefix):]: found.content for (where, name), found in self.objects.items()
                if where == bucket and name.startswith(prefix)}

    def open_sessions(self):
        return {key: session for key, session in self.sessions.items() if session.state == "open"}

    def seen(self, *kinds):
        return [request for request in self.requests if not kinds or request.what in kinds]

    # ---- the store ----

    def error(self, code, reason, message):
        return code, {}, json.dumps({"error": {"code": code, "message": message,
                                               "errors": [{"reason": reason, "message": message, "domain": "global"}]}}).encode()

    def answer_object(self, bucket, name, code=200):
        return code, {}, json.dumps(self.objects[bucket, name].resource(bucket, name)).encode()

    def put_object(self, bucket, name, content, resource):
        self.objects[bucket, name] = Object(content if isinstance(content, Hashed) else bytes(content), resource.get("metadata", {}), next(self.generations),
                                            resource.get("contentType", "application/octet-stream"),
                                            resource.get("storageClass", "STANDARD"))

    def start(self, bucket, request):
        if bucket not in self.buckets:
            return self.error(404, "notFound", "The specified bucket does not exist.")
        name = request.query["name"]
        must_be_new = request.query.get("ifGenerationMatch") == "0"
        key = f"secret-{next(self.ids)}-{hashlib.sha256(os.urandom(8)).hexdigest()[:24]}"
        self.sessions[key] = Session(bucket, name, json.loads(request.body), must_be_new, self.content())
        location = f"{self.url}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={key}"
        return 200, {"Location": location}, b""

    def send(self, key, request, content, limit):
        session = self.sessions.get(key)
        if session is None:
            return self.error(404, "notFound", "no such session")
        if session.state == "cancelled":
            return self.error(410, "gone", "the session was cancelled")
        if session.state == "finished":
            return session.result
        match = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", request.headers.get("content-range", ""))
        assert match, request.headers
        total = None if match[3] == "*" else int(match[3])
        if match[1] is not None:
            first, last = int(match[1]), int(match[2])
            assert last - first + 1 == len(content), "the range does not fit the body"
            is_final = total is not None and last + 1 == total
            if not is_final and len(content) % UNIT != 0:
                return self.error(400, "invalid", "a chunk must be a multiple of 256 KiB")
            if first > len(session.content):
                return self.error(400, "invalid", "a gap before the chunk")
            fresh = content[len(session.content) - first:]  # bytes that are there already are ignored
            if limit is not None:
                fresh = fresh[:limit * UNIT]
            session.content += fresh
        if total is not None and len(session.content) == total:
            return self.finish(session, request)
        headers = {"Range": f"bytes=0-{len(session.content) - 1}"} if session.content else {}
        return 308, headers, b""

    def finish(self, session, request):
        wanted = request.headers.get("x-goog-hash", "").removeprefix("crc32c=")
        if wanted and wanted != crc32c(session.content):
            session.state, session.result = "finished", self.error(400, "invalid", "the CRC32C does not match")
        elif session.must_be_new and (session.bucket, session.name) in self.objects:
            session.state, session.result = "finished", self.error(412, "conditionNotMet", "At least one condition did not hold.")
        else:
            self.put_object(session.bucket, session.name, session.content, session.resource)
            session.state, session.result = "finished", self.answer_object(session.bucket, session.name)
        return session.result

    def cancel(self, key):
        session = self.sessions.get(key)
        if session is None:
            return self.error(404, "notFound", "no such session")
        if session.state == "open":
            session.state = "cancelled"
            return 499, {}, b""
        return self.error(410, "gone", "the session has ended")

    def look(self, bucket, name):
        if bucket not in self.buckets:
            return self.error(404, "notFound", "The specified bucket does not exist.")
        if (bucket, name) not in self.objects:
            return self.error(404, "notFound", f"No such object: {bucket}/{name}")
        return self.answer_object(bucket, name)

    def read(self, bucket, name, request):
        found = self.objects.get((bucket, name))
        if found is None:
            return 404, {"Content-Type": "text/html"}, f"No such object: {bucket}/{name}".encode()
        if request.query.get("generation") != str(found.generation):
            return 404, {"Content-Type": "text/html"}, f"No such object: {bucket}/{name}".encode()
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if not match:
            return 200, {}, found.content
        return 206, {}, found.content[int(match[1]):int(match[2]) + 1]

    def list(self, bucket, request):
        if bucket not in self.buckets:
            return self.error(404, "notFound", "The specified bucket does not exist.")
        names = sorted(name for where, name in self.objects if where == bucket and name.startswith(request.query.get("prefix", "")))
        items = [self.objects[bucket, name].resource(bucket, name) for name in names[:int(request.query.get("maxResults", "1000"))]]
        return 200, {}, json.dumps({"kind": "storage#objects", **({"items": items} if items else {})}).encode()

    def remove(self, bucket, name, request):
        found = self.objects.get((bucket, name))
        if found is None:
            return self.error(404, "notFound", "No such object")
        if request.query.get("ifGenerationMatch", str(found.generation)) != str(found.generation):
            return self.error(412, "conditionNotMet", "another generation")
        del self.objects[bucket, name]
        return 204, {}, b""

    def put(self, bucket, request, content):
        if bucket not in self.buckets:
            return self.error(404, "notFound", "The specified bucket does not exist.")
        name = request.query["name"]
        self.put_object(bucket, name, content, {"contentType": request.headers.get("content-type")})
        return self.answer_object(bucket, name)

    # ---- dispatch ----

    @staticmethod
    def classify(method, path, query, headers):
        """(what, bucket, object, session key)"""
        upload = re.fullmatch(r"/upload/storage/v1/b/([^/]+)/o", path)
        stored = re.fullmatch(r"/storage/v1/b/([^/]+)/o(?:/(.+))?", path)
        if upload:
            bucket, key = urllib.parse.unquote(upload[1]), query.get("upload_id")
            if method == "POST":
                return ("start" if query.get("uploadType") == "resumable" else "put"), bucket, None, None
            if method == "DELETE":
                return "cancel", bucket, None, key
            return ("append" if headers.get("content-range", "").endswith("/*") else "publish"), bucket, None, key
        if stored:
            bucket, name = (urllib.parse.unquote(part) if part else None for part in stored.groups())
            if name is None:
                return "list", bucket, None, None
            what = "remove" if method == "DELETE" else "read" if query.get("alt") == "media" else "look"
            return what, bucket, name, None
        return "token", None, None, None

    def is_allowed(self, what, headers):
        return what == "token" or self.tokens is None or headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def carry_out(self, what, bucket, name, key, request, content, limit):
        with self.lock:
            if what == "token":
                answer = self.token_answers.get(request.path)
                if answer is None:
                    return self.error(404, "notFound", "no such endpoint")
                code, document = answer(request)
                return code, {"Content-Type": "application/json"}, json.dumps(document).encode()
            if not self.is_allowed(what, request.headers):
                return self.error(401, "authError", "Invalid Credentials")
            return {
                "start": lambda: self.start(bucket, request),
                "append": lambda: self.send(key, request, content, limit),
                "publish": lambda: self.send(key, request, content, limit),
                "cancel": lambda: self.cancel(key),
                "look": lambda: self.look(bucket, name),
                "read": lambda: self.read(bucket, name, request),
                "list": lambda: self.list(bucket, request),
                "remove": lambda: self.remove(bucket, name, request),
                "put": lambda: self.put(bucket, request, content),
            }[what]()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # a client that dies is what many tests are about


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_request(self):
        owner = self.owner
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        what, bucket, name, key = owner.classify(self.command, split.path, query, headers)
        request = Request(what, self.command, split.path, query, headers, len(content), content if len(content) < 65536 else b"")
        with owner.lock:
            owner.requests.append(request)
        action = owner.next_action(what)
        if action == DROP:
            return self.hang_up()
        if action == KILL:
            owner.kill_client()
            return self.hang_up()
        if isinstance(action, dict) and "status" in action and not action["do"]:
            code, answer_headers, body = owner.error(action["status"], action["reason"], action["message"])
            return self.respond(code, {**answer_headers, **action["headers"]}, body)
        limit = action["units"] if isinstance(action, dict) and "units" in action else None
        code, answer_headers, body = owner.carry_out(what, bucket, name, key, request, content, limit)
        if action == DO_THEN_DROP:
            return self.hang_up()
        if action == DO_THEN_KILL:
            owner.kill_client()
            return self.hang_up()
        if isinstance(action, dict) and "status" in action:
            code, answer_headers, body = owner.error(action["status"], action["reason"], action["message"])
            answer_headers = {**answer_headers, **action["headers"]}
        return self.respond(code, answer_headers, body)

    do_GET = do_PUT = do_POST = do_DELETE = handle_request

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def respond(self, code, headers, body):
        # 499 has no name in http.HTTPStatus.
        self.send_response_only(code, "Client Closed Request" if code == 499 else None)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
