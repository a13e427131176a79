"""Proxies of Toxiproxy (dev/services.sh): slow, narrow, cut and half-closed connections."""

import functools
import json
import os
import subprocess
import urllib.request

import support

API = f"http://localhost:{os.environ.get('RIVET_TOXIPROXY_PORT', '8474')}/proxies"


@functools.cache
def start():
    subprocess.run([support.ROOT / "dev/services.sh", "up", "toxiproxy"], check=True, capture_output=True, timeout=600)


def call(method, path="", body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    return json.loads(text) if text else None


class Proxy:
    """One of a test's own, before a port of this machine."""

    def __init__(self, name, port):
        start()
        self.name = name
        made = call("POST", "", {"name": name, "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{port}", "enabled": True})
        self.port = int(made["listen"].rpartition(":")[2])

    def toxic(self, kind, stream, toxicity=1.0, **attributes):
        call("POST", f"/{self.name}/toxics", {"type": kind, "stream": stream, "toxicity": toxicity, "attributes": attributes})

    def clean(self):
        for toxic in call("GET", f"/{self.name}/toxics"):
            call("DELETE", f"/{self.name}/toxics/{toxic['name']}")

    def enable(self, enabled):
        call("POST", f"/{self.name}", {"enabled": enabled})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        call("DELETE", f"/{self.name}")
