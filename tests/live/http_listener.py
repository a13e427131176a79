"""A web server that keeps what it was sent and answers as it is told, badly too."""

import http.server
import json
import socketserver
import threading
import time


class Listener:
    """Answers of a path: a status; or a function that is given the handler."""

    def __init__(self, answer=200):
        self.answer, self.requests = answer, []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with listener.lock:
                    listener.requests.append((self.path, dict(self.headers), body))
                if callable(listener.answer):
                    listener.answer(self)
                    return
                self.send_response(listener.answer)
                if listener.answer // 100 == 3:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_GET = do_POST

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass  # a client that gave up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.port}{path}"

    def documents(self, path="/hook"):
        with self.lock:
            return [json.loads(body) for at, _, body in self.requests if at == path]

    # ---- answers ----

    def silence(self, handler):
        """Takes the request and says nothing."""
        self.stopping.wait(60)

    def drip(self, handler):
        """An answer that comes a byte at a time and never ends."""
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not self.stopping.is_set():
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.2)

    def hang_up(self, handler):
        handler.close_connection = True

    def garbage(self, handler):
        handler.wfile.write(b"this is not HTTP\r\n\r\n")
        handler.close_connection = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
