"""AWS's givers of keys beside a scripted_s3.ScriptedS3: STS, the SSO portal, a container's endpoint and the
instance metadata service, version 2. `transcript` keeps what was asked of them, signatures left out."""

import datetime
import json
import re
import urllib.parse

ROLE_PATH = "/latest/meta-data/iam/security-credentials/"
SHOWN = ("authorization", "x-amz-security-token", "x-amz-sso_bearer_token", "x-aws-ec2-metadata-token",
         "x-aws-ec2-metadata-token-ttl-seconds")


class ScriptedAws:
    def __init__(self, store, life_s=3600):
        self.store, self.life_s, self.transcript, self.given = store, life_s, [], 0
        store.keys.clear()
        store.other_paths.update({
            "/": self.sts, "/federation/credentials": self.sso, "/container": self.container, "/latest/api/token": self.token,
            ROLE_PATH: self.role, ROLE_PATH + "machine-role": self.instance,
        })
        # Known beforehand, to assume roles with.
        store.keys["AKIDBASE"] = ("base/secret", None)

    def environment(self):
        return {"AWS_ENDPOINT_URL_STS": self.store.url, "AWS_ENDPOINT_URL_SSO": self.store.url,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.store.url, "AWS_EC2_METADATA_DISABLED": ""}

    def note(self, handler, body=b""):
        lines = [f"{handler.command} {handler.path}"]
        for name in SHOWN:
            if name in handler.headers:
                text = re.sub(r"Credential=([^/]+)/\d{8}/", r"Credential=\1/DATE/", handler.headers[name])
                lines.append(f"{name}: {re.sub('Signature=[0-9a-f]{64}', 'Signature=…', text)}")
        lines += [f"{name}={value}" for name, value in urllib.parse.parse_qsl(body.decode())]
        self.transcript.append(lines)

    def make_keys(self):
        """New ones, which the store knows from now on."""
        self.given += 1
        access_key, secret, token = f"ASIA{self.given}", f"secret{self.given}", f"token{self.given}"
        self.store.keys[access_key] = (secret, token)
        expiry = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.life_s)
        return access_key, secret, token, expiry

    @staticmethod
    def answer(handler, text, code=200):
        body = text.encode()
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def sts(self, handler, body):
        self.note(handler, body)
        access_key, secret, token, expiry = self.make_keys()
        action = dict(urllib.parse.parse_qsl(body.decode()))["Action"]
        self.answer(handler, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>
            <AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>
            <Expiration>{expiry:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials></{action}Result></{action}Response>""")

    def sso(self, handler, _):
        self.note(handler)
        access_key, secret, token, expiry = self.make_keys()
        self.answer(handler, json.dumps({"roleCredentials": {"accessKeyId": access_key, "secretAccessKey": secret, "sessionToken": token,
                                                             "expiration": int(expiry.timestamp() * 1000)}}))

    def json_keys(self, handler):
        access_key, secret, token, expiry = self.make_keys()
        self.answer(handler, json.dumps({"AccessKeyId": access_key, "SecretAccessKey": secret, "Token": token,
                                         "Expiration": f"{expiry:%Y-%m-%dT%H:%M:%SZ}"}))

    def container(self, handler, _):
        self.note(handler)
        self.json_keys(handler)

    def token(self, handler, _):
        self.note(handler)
        self.answer(handler, "metadata-token")

    def role(self, handler, _):
        self.note(handler)
        self.answer(handler, "machine-role")

    def instance(self, handler, _):
        self.note(handler)
        self.json_keys(handler)
