"""An S3 that does what the tests script: the calls rivet makes, with the store's own rules for
multipart uploads and signatures, and every way to leave an answer in doubt.

    with ScriptedS3() as store:
        store.script("complete", DO_THEN_DROP)         # done, its answer lost
        store.script("part", status(503, "SlowDown"), times=3)

Signatures are checked by an implementation of their own, against `store.keys`; requests without a
valid one are refused as AWS refuses them. Every request is kept in `requests`: call, key, query,
headers; the bytes of objects are not.
"""

import base64
import dataclasses
import hashlib
import hmac
import http.server
import itertools
import os
import re
import signal
import socket
import ssl
import threading
import time
import urllib.parse
import xml.etree.ElementTree
from xml.sax.saxutils import escape

import google_crc32c

# What happens to a scripted request, beside an answer of one's own (status).
DROP, DO_THEN_DROP, KILL, DO_THEN_KILL, HALF = "drop", "do then drop", "kill", "do then kill", "half"


def status(code, name, message="scripted answer", do=False, headers=None):
    """Answers with an error document, after carrying the request out if `do`."""
    return {"status": code, "name": name, "message": message, "do": do, "headers": headers or {}}


def late(name, do=False):
    """The error that comes in a 200."""
    return status(200, name, do=do)


class Refused(Exception):
    def __init__(self, code, name, message="", headers=None):
        self.code, self.name, self.message, self.headers = code, name, message, headers or {}


@dataclasses.dataclass
class Object:
    content: bytes
    metadata: dict
    etag: str
    headers: dict


@dataclasses.dataclass
class Upload:
    id: str
    key: str
    metadata: dict
    headers: dict
    parts: dict = dataclasses.field(default_factory=dict)  # number: (content, etag, crc)


def crc32c(content):
    return base64.b64encode(google_crc32c.value(bytes(content)).to_bytes(4, "big")).decode()


def composite(content_of_parts):
    return base64.b64encode(google_crc32c.value(content_of_parts).to_bytes(4, "big")).decode()


def hmac_sha256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, method, path, query, headers, names, payload_hash, timestamp, scope):
    """Signature Version 4, written from its description."""
    pairs = sorted((urllib.parse.quote(name, safe="-_.~"), urllib.parse.quote(value, safe="-_.~"))
                   for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True))
    request = "\n".join([method, path, "&".join(f"{name}={value}" for name, value in pairs),
                         *(f"{name}:{' '.join(headers[name].split())}" for name in names), "", ";".join(names), payload_hash])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", timestamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for step in scope.split("/"):
        key = hmac_sha256(key, step)
    return hmac_sha256(key, to_sign).hex()


@dataclasses.dataclass
class Request:
    call: str
    method: str
    path: str
    key: str
    query: dict
    headers: dict
    size: int
    access_key: str = None
    status: int = None


class ScriptedS3:
    def __init__(self, bucket="bucket", keys=None, encrypted=False, certificate=None):
        """certificate: paths of certificate and key, for TLS."""
        self.certificate = certificate
        self.bucket, self.encrypted = bucket, encrypted
        self.keys = {"AKIDTEST": ("secret/of+test", None)} if keys is None else keys  # access key: (secret, session token)
        self.expired = set()  # access keys that the store calls expired
        self.objects, self.uploads, self.requests, self.scripts = {}, {}, [], []
        self.ids, self.lock, self.victim = itertools.count(1), threading.Lock(), None
        self.other_paths = {}  # path: function(handler, body) for services beside the store
        self.delay_s = 0

    # ---- life ----

    def __enter__(self):
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def log_message(self, *_):
                pass

            def handle_any(self):
                store.handle(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def script(self, call, action, times=1, after=0):
        """The next `times` requests of that call, behind the first `after`, meet the action; a function is
        called with the request, which is then carried out."""
        self.scripts.append({"call": call, "action": action, "times": times, "after": after})

    def calls(self, *names):
        return [request for request in self.requests if not names or request.call in names]

    def visible(self, _bucket=None, prefix=""):
        return {key[len(prefix):]: item.content for key, item in self.objects.items() if key.startswith(prefix)}

    def open_uploads(self, prefix=""):
        return [upload.key for upload in self.uploads.values() if upload.key.startswith(prefix)]

    def put(self, _bucket, key, content):
        self.objects[key] = Object(content, {}, f'"{hashlib.md5(content).hexdigest()}"', {})

    # ---- one request ----

    def handle(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if url.path in self.other_paths:
            self.other_paths[url.path](handler, body)
            return
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        bucket, _, key = urllib.parse.unquote(url.path[1:]).partition("/")
        if handler.headers["Host"].startswith(self.bucket + "."):  # virtual-host style
            bucket, key = self.bucket, urllib.parse.unquote(url.path[1:])
        request = Request(self.name(handler.command, key, query), handler.command, url.path, key, query,
                          {name.lower(): value for name, value in handler.headers.items()}, len(body))
        time.sleep(self.delay_s)
        with self.lock:
            self.requests.append(request)
            action = self.next_action(request.call)
            try:
                self.authorize(handler, request, url, body)
                if bucket != self.bucket:
                    raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
                answer = self.perform(request, body, action)
            except Refused as refused:
                answer = (refused.code, refused.headers, self.error_document(refused.name, refused.message))
        request.status = answer[0] if answer else None
        self.send(handler, answer, action)

    @staticmethod
    def name(method, key, query):
        if "uploads" in query:
            return "create" if method == "POST" else "list_uploads"
        if "uploadId" in query:
            return {"PUT": "part", "POST": "complete", "DELETE": "abort", "GET": "list_parts"}[method]
        return {"GET": "get", "HEAD": "head", "PUT": "put", "DELETE": "delete", "POST": "post"}[method]

    def next_action(self, call):
        for script in self.scripts:
            if script["call"] in (call, "*") and script["times"] > 0:
                if script["after"] > 0:
                    script["after"] -= 1
                    continue
                script["times"] -= 1
                return script["action"]
        return None

    def perform(self, request, body, action):
        """(status, headers, body), or None when the connection is to be cut."""
        if callable(action):
            action(request)
            action = None
        if action in (KILL, DROP):
            if action == KILL:
                os.kill(self.victim(), signal.SIGKILL)
            return None
        scripted = action if isinstance(action, dict) else None
        if scripted and not scripted["do"]:
            raise Refused(scripted["status"], scripted["name"], scripted["message"], scripted["headers"])
        answer = getattr(self, "do_" + request.call)(request, body)
        if scripted:
            raise Refused(scripted["status"], scripted["name"], scripted["message"], scripted["headers"])
        if action == DO_THEN_KILL:
            os.kill(self.victim(), signal.SIGKILL)
        return None if action in (DO_THEN_DROP, DO_THEN_KILL) else answer

    @staticmethod
    def send(handler, answer, action):
        handler.close_connection = answer is None or action == HALF
        if answer is None:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        code, headers, body = answer
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in headers and code != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD" and code != 204:
            handler.wfile.write(body[:len(body) // 2] if action == HALF else body)

    @staticmethod
    def error_document(name, message):
        return f"<?xml version=\"1.0\"?><Error><Code>{name}</Code><Message>{escape(message)}</Message></Error>".encode()

    # ---- who asks ----

    def authorize(self, handler, request, url, body):
        if not self.keys:
            return
        header = request.headers.get("authorization", "")
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), SignedHeaders=(\S+), Signature=(\w+)", header)
        if not found:
            raise Refused(403, "AccessDenied", "Access Denied.")
        access_key, scope, names, given = found.groups()
        request.access_key = access_key
        if access_key not in self.keys:
            raise Refused(403, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records.")
        secret, token = self.keys[access_key]
        if access_key in self.expired:
            raise Refused(400, "ExpiredToken", "The provided token has expired.")
        if request.headers.get("x-amz-security-token") != token:
            raise Refused(403, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        names = names.split(";")
        assert {"host", "x-amz-date", *(name for name in request.headers if name.startswith("x-amz-"))} <= set(names), names
        payload_hash = request.headers["x-amz-content-sha256"]
        want = signature(secret, request.method, url.path, url.query, request.headers, names, payload_hash,
                         request.headers["x-amz-date"], scope)
        if want != given:
            raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        if payload_hash not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
            raise Refused(400, "XAmzContentSHA256Mismatch")

    # ---- the calls ----

    @staticmethod
    def check_body(request, body):
        given = request.headers.get("content-md5")
        if given is not None and given != base64.b64encode(hashlib.md5(body).digest()).decode():
            raise Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
        given = request.headers.get("x-amz-checksum-crc32c")
        if given is not None and given != crc32c(body):
            raise Refused(400, "BadDigest", "The CRC32C you specified did not match what we received.")

    @staticmethod
    def metadata(request):
        return {name: value for name, value in request.headers.items() if name.startswith("x-amz-meta-")}

    def upload(self, request):
        upload = self.uploads.get(request.query["uploadId"])
        if upload is None or upload.key != request.key:
            raise Refused(404, "NoSuchUpload", "The specified multipart upload does not exist.")
        return upload

    def etag(self, content):
        """In an encrypted bucket it is anything but the MD5."""
        return '"' + (hashlib.md5(content).hexdigest() if not self.encrypted else hashlib.md5(b"salt" + content).hexdigest()) + '"'

    def do_create(self, request, _):
        upload = Upload(f"upload-{next(self.ids)}", request.key, self.metadata(request), request.headers)
        self.uploads[upload.id] = upload
        return 200, {}, f"<InitiateMultipartUploadResult><UploadId>{upload.id}</UploadId></InitiateMultipartUploadResult>".encode()

    def do_part(self, request, body):
        self.check_body(request, body)
        etag = self.etag(body)
        self.upload(request).parts[int(request.query["partNumber"])] = (body, etag, request.headers.get("x-amz-checksum-crc32c"))
        return 200, {"ETag": etag}, b""

    def do_complete(self, request, body):
        upload = self.upload(request)
        if request.headers.get("if-none-match") == "*" and request.key in self.objects:
            raise Refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        root = xml.etree.ElementTree.fromstring(body)
        name = "{http://s3.amazonaws.com/doc/2006-03-01/}"
        parts = []
        for part in root.findall(f"{name}Part"):
            content, etag, crc = upload.parts[int(part.findtext(f"{name}PartNumber"))]
            if etag != part.findtext(f"{name}ETag") or crc != part.findtext(f"{name}ChecksumCRC32C"):
                raise Refused(400, "InvalidPart", "One or more of the specified parts could not be found.")
            parts.append((content, crc))
        assert sorted(upload.parts) == list(range(1, len(parts) + 1))
        digest = hashlib.md5(b"".join(hashlib.md5(content).digest() for content, _ in parts)).hexdigest()
        etag = f'"{digest[::-1] if self.encrypted else digest}-{len(parts)}"'
        self.objects[request.key] = Object(b"".join(content for content, _ in parts), upload.metadata, etag, upload.headers)
        del self.uploads[upload.id]
        check = ""
        if parts[0][1]:
            whole = composite(b"".join(base64.b64decode(crc) for _, crc in parts))
            check = f"<ChecksumCRC32C>{whole}-{len(parts)}</ChecksumCRC32C>"
        return 200, {}, f"<CompleteMultipartUploadResult><Key>{escape(request.key)}</Key><ETag>{escape(etag)}</ETag>{check}</CompleteMultipartUploadResult>".encode()

    def do_abort(self, request, _):
        del self.uploads[self.upload(request).id]
        return 204, {}, b""

    def do_list_parts(self, request, _):
        after, most = int(request.query.get("part-number-marker", 0)), int(request.query.get("max-parts", 1000))
        parts = [(number, *part) for number, part in sorted(self.upload(request).parts.items()) if number > after]
        text = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag>"
                       + (f"<ChecksumCRC32C>{crc}</ChecksumCRC32C>" if crc else "") + "</Part>" for number, _, etag, crc in parts[:most])
        more = str(len(parts) > most).lower()
        return 200, {}, f"<ListPartsResult><IsTruncated>{more}</IsTruncated>{text}</ListPartsResult>".encode()

    def do_list_uploads(self, request, _):
        text = "".join(f"<Upload><Key>{escape(upload.key)}</Key><UploadId>{upload.id}</UploadId></Upload>"
                       for upload in self.uploads.values() if upload.key.startswith(request.query["prefix"]))
        return 200, {}, f"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{text}</ListMultipartUploadsResult>".encode()

    def do_get(self, request, _):
        if request.key not in self.objects:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        item = self.objects[request.key]
        if request.headers.get("if-match", item.etag) != item.etag:
            raise Refused(412, "PreconditionFailed")
        headers = {"ETag": item.etag, **item.metadata}
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if not found:
            return 200, headers, item.content
        first, last = (int(text) for text in found.groups())
        if first >= len(item.content):
            raise Refused(416, "InvalidRange")
        piece = item.content[first:last + 1]
        return 206, {**headers, "Content-Range": f"bytes {first}-{first + len(piece) - 1}/{len(item.content)}"}, piece

    def do_head(self, request, _):
        if request.key not in self.objects:
            raise Refused(404, "NoSuchKey")
        item = self.objects[request.key]
        return 200, {"ETag": item.etag, "Content-Length": str(len(item.content)), **item.metadata}, b""

    def do_put(self, request, body):
        self.check_body(request, body)
        self.objects[request.key] = Object(body, self.metadata(request), self.etag(body), request.headers)
        return 200, {"ETag": self.etag(body)}, b""

    def do_delete(self, request, _):
        self.objects.pop(request.key, None)
        return 204, {}, b""
