"""Debian's Glewlwyd as an identity provider: a database of its own, one OIDC plugin, set up over its REST API."""

import json
import pathlib
import socket
import sqlite3
import subprocess
import time
import urllib.parse

import httpx
from authlib.jose import JsonWebKey
from browser import Browser
from server import PATIENCE

# The schema with which the package sets up a database; /usr/share/doc is missing from small images.
SCHEMA = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
ADMIN = {"username": "admin", "password": "password"}
PASSWORD = "correct horse"


class Glewlwyd:
    """One instance on a free port, with signing keys that can be replaced while it runs."""

    def __init__(self, folder: pathlib.Path):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.url}/api/oidc"
        self.keys = []
        self.process = None

    def start(self) -> "Glewlwyd":
        assert SCHEMA.exists(), "glewlwyd is not installed: scripts/deps.sh"
        database = self.folder / "glewlwyd.db"
        with sqlite3.connect(database) as connection:
            connection.executescript(SCHEMA.read_text())
        (self.folder / "glewlwyd.conf").write_text(f"""
port={self.port}
bind_address="127.0.0.1"
external_url="{self.url}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="file"
log_level="INFO"
log_file="{self.folder}/glewlwyd.log"
cookie_domain="127.0.0.1"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{database}" }};
""")
        self.process = subprocess.Popen(["glewlwyd", f"--config-file={self.folder}/glewlwyd.conf"],
                                        stdout=open(self.folder / "out.log", "ab"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log
                time.sleep(0.05)
        self.admin = httpx.Client(base_url=f"{self.url}/api", timeout=PATIENCE)
        self.call("POST", "/auth/", ADMIN)
        self.keys = [self._key()]
        self.call("POST", "/mod/plugin/", self._plugin())
        return self

    @property
    def log(self) -> str:
        return "".join((self.folder / name).read_text() for name in ("out.log", "glewlwyd.log") if (self.folder / name).exists())

    def call(self, method, path, body=None, who=None):
        answer = (who or self.admin).request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}\n{self.log[-3000:]}"
        return answer

    @staticmethod
    def _key():
        key = JsonWebKey.generate_key("RSA", 2048, is_private=True)
        return {**key.as_dict(is_private=True), "alg": "RS256", "use": "sig", "kid": key.thumbprint()}

    def _plugin(self):
        return {"module": "oidc", "name": "oidc", "display_name": "OIDC", "parameters": {
            "iss": self.issuer, "jwks-private": json.dumps({"keys": self.keys}), "default-kid": self.keys[0]["kid"],
            "access-token-duration": 3600, "refresh-token-duration": 86400, "code-duration": 60, "refresh-token-rolling": True,
            "allow-non-oidc": False, "auth-type-code-enabled": True, "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": True, "auth-type-none-enabled": False, "auth-type-password-enabled": False,
            "auth-type-client-enabled": False, "auth-type-device-enabled": False, "auth-type-refresh-enabled": False,
            "jwks-show": True, "pkce-allowed": True, "pkce-method-plain-allowed": False,
            "name-claim": "mandatory", "email-claim": "mandatory", "scope-claim": "no", "subject-type": "public",
            "oauth-par-allowed": False}}

    def rotate_keys(self):
        """A new key signs from now on; the old one stays in the document."""
        self.keys = [self._key(), *self.keys]
        self.call("PUT", "/mod/plugin/oidc", self._plugin())
        self.call("PUT", "/mod/plugin/oidc/reset")

    def add_client(self, client_id, secret, redirect_uri):
        self.call("POST", "/client/", {
            "client_id": client_id, "name": client_id, "client_secret": secret, "confidential": True, "enabled": True,
            "redirect_uri": [redirect_uri], "authorization_type": ["code"], "scope": [],
            "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"]})

    def add_user(self, username, name, email):
        self.call("POST", "/user/", {
            "username": username, "name": name, "email": email, "password": PASSWORD, "enabled": True,
            "scope": ["openid"]})

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)



class Person(Browser):
    """A browser whose owner signs in at Glewlwyd: its login page is a script on these calls."""

    def open(self, url, until=None):
        """The page at the end, or the redirect to an address that begins with `until`."""
        hops = []
        for _ in range(20):
            hops.append(url)
            parts = urllib.parse.urlsplit(url)
            if parts.path == "/login.html":
                url = self._log_in(parts)
                continue
            answer = self.get(url)
            answer.hops = hops
            if answer.status != 302 or until and answer.header("location").startswith(until):
                return answer
            url = urllib.parse.urljoin(url, answer.header("location"))
        raise AssertionError(f"redirects without end: {hops}")

    def _log_in(self, page):
        query = dict(urllib.parse.parse_qsl(page.query))
        api = f"http://{page.netloc}/api"
        self._call("POST", f"{api}/auth/", {"username": self.user, "password": PASSWORD})
        self._call("PUT", f"{api}/auth/grant/{query['client_id']}/", {"scope": "openid"})
        return query["callback_url"] + "&g_continue"

    def _call(self, method, url, body):
        answer = self.send(method, url, {"Content-Type": "application/json"}, json.dumps(body).encode())
        assert answer.status == 200, f"{url}: {answer.status} {answer.text}"
