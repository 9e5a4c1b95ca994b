"""People who sign in: an identity provider to try things out with, an application behind a proxy, and browsers."""

import http.client
import http.server
import json
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse

import httpx
from authlib.jose import JsonWebKey, JsonWebToken

from server import API, ORGD, PATIENCE, Server


class DevIdP:
    """`orgd dev-idp` on a free port. Whoever reaches it can be anybody it knows."""

    def __init__(self, folder: pathlib.Path, *users: str, client_id: str = "orgd"):
        flags = [flag for user in users for flag in ("--user", user)]
        self.log = open(folder / "idp.log", "ab")
        self.process = subprocess.Popen(
            [str(ORGD), "dev-idp", "--listen", "127.0.0.1:0", "--client-id", client_id, *flags],
            stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1)
        guard = threading.Timer(PATIENCE, self.process.kill)
        guard.start()
        line = self.process.stdout.readline()
        guard.cancel()
        ready = re.fullmatch(r"dev-idp issuer (http://\S+)\n", line)
        assert ready, f"dev-idp did not start: {line!r}"
        self.issuer = ready.group(1)

    def rotate(self, keep: bool) -> None:
        httpx.post(f"{self.issuer}/rotate", params={"keep": str(keep).lower()}).raise_for_status()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.close()


class Proxy:
    """An application on any `*.localhost` host, behind a proxy that asks orgd about each request as nginx would."""

    def __init__(self, orgd: str):
        address = urllib.parse.urlsplit(orgd)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def ask(self, path: str, method: str, body: bytes, fields: dict):
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
                connection.request(method, path, body or None, fields)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                return answer, content

            def reply(self, status: int, fields: list, body: bytes):
                self.send_response(status)
                for name, value in fields:
                    if name.lower() not in ("content-length", "connection", "date", "transfer-encoding", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def serve(self):
                host = self.headers["Host"]
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path.startswith(("/cdn-cgi/access/", "/.well-known/oauth-", "/.well-known/openid-")):
                    fields = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "host")}
                    fields |= {"Host": host, "X-Forwarded-For": self.client_address[0]}
                    answer, content = self.ask(self.path, self.command, body, fields)
                    return self.reply(answer.status, answer.getheaders(), content)
                kept = ("cookie", "accept", "authorization", "x-requested-with", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest")
                fields = {name: value for name, value in self.headers.items() if name.lower() in kept}
                fields |= {
                    "X-Forwarded-Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Uri": self.path,
                    "X-Forwarded-Method": self.command, "X-Forwarded-For": self.client_address[0],
                }
                answer, content = self.ask("/cdn-cgi/access/forward-auth", "GET", b"", fields)
                if answer.status != 200:
                    return self.reply(answer.status, answer.getheaders(), content)
                email = answer.getheader("Cf-Access-Authenticated-User-Email")
                page = (
                    "<!doctype html><html lang=en><title>Wiki</title><link rel=icon href='data:,'>"
                    f"<h1>Wiki</h1><p id=who>{email}</p><p id=path>{self.path}</p>"
                    f"<p id=agent>{answer.getheader('Cf-Access-Oauth-Client-Name') or ''}</p>"
                    f"<p id=assertion>{answer.getheader('Cf-Access-Jwt-Assertion') or ''}</p>")
                self.reply(200, [("Content-Type", "text/html; charset=utf-8")], page.encode())

            do_GET = do_HEAD = do_POST = serve

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


class Evaluator:
    """A service that rules ask about people, as the public documentation of External Evaluation describes one: it checks
    the question with the keys of the team, and signs its answer with a key of its own."""

    def __init__(self, orgd: str, team: str):
        self.orgd, self.team = orgd, team
        self.key = JsonWebKey.generate_key("RSA", 2048, is_private=True)
        self.admitted, self.asked, self.release = {"alice@example.com"}, [], threading.Event()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, content):
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.reply({"keys": [{**service.key.as_dict(is_private=False), "alg": "RS256", "kid": "one"}]})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/slow":
                    service.release.wait(PATIENCE)
                self.reply({"token": service.answer(json.loads(body)["token"])})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def answer(self, token: str) -> str:
        certs = httpx.get(f"{self.orgd}/cdn-cgi/access/certs", headers={"Host": self.team}).json()
        claims = JsonWebToken(["RS256"]).decode(token, JsonWebKey.import_key_set(certs))
        claims.validate()
        self.asked.append(claims)
        now = int(time.time())
        success = claims["identity"]["email"] in self.admitted
        return JsonWebToken(["RS256"]).encode({"alg": "RS256", "kid": "one"}, {
            "success": success, "iat": now, "exp": now + 60, "nonce": claims["nonce"]}, self.key).decode()

    def rule(self, path: str = "/", url: str | None = None) -> dict:
        return {"external_evaluation": {"evaluate_url": url or self.url + path, "keys_url": f"{self.url}/keys"}}

    def stop(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


class Acme:
    """An organization: account `hq` holds the identity provider, account `emea` is connected to it by the bridge."""

    def __init__(self, server: Server, idp: DevIdP):
        self.server = server
        self.root = API(server, server.root_token)
        self.organization = self.root.result("POST", "/organizations", {"name": "Acme"})["id"]
        self.hq, self.emea = self.account("hq"), self.account("emea")
        self.provider = self.root.result("POST", f"/accounts/{self.hq}/access/identity_providers", {
            "name": "Acme login", "type": "oidc", "config": {
                "client_id": "orgd", "client_secret": "secret", "issuer": idp.issuer,
                "auth_url": f"{idp.issuer}/authorize", "token_url": f"{idp.issuer}/token",
                "certs_url": f"{idp.issuer}/keys", "claims": ["groups"]}})["id"]
        self.root.result("POST", f"/organizations/{self.organization}/primary_idp?force=true", {
            "account_id": self.hq, "idp_id": self.provider})
        self.port = urllib.parse.urlsplit(server.url).port

    def account(self, name: str) -> str:
        account = self.root.result("POST", "/accounts", {"name": name, "unit": {"id": self.organization}})["id"]
        self.root.result("POST", f"/accounts/{account}/access/organizations", {
            "name": name.upper(), "auth_domain": f"{name}.access.localhost"})
        return account

    def app(self, account: str, host: str, name: str = "Wiki", include=None, policy: dict | None = None, **more) -> str:
        rules = {"name": "staff", "decision": "allow", "include": include or [{"email_domain": {"domain": "example.com"}}]}
        return self.root.result("POST", f"/accounts/{account}/access/apps", {
            "type": "self_hosted", "name": name, "domain": host, "policies": [rules | (policy or {})], **more})["id"]

    def team(self, name: str, path: str = "/") -> str:
        return f"http://{name}.access.localhost:{self.port}{path}"


class Answer:
    def __init__(self, url: str, status: int, fields, body: bytes):
        self.url, self.status, self.fields, self.text = url, status, fields, body.decode("utf-8", "replace")

    def header(self, name: str):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def hidden(self, name: str):
        found = re.search(f'name="{name}" value="([^"]*)"', self.text)
        return found and found.group(1)


class CookieBrowser:
    """Follows redirects between hosts that all live on loopback, and keeps cookies by host."""

    def __init__(self, user: str = "alice"):
        self.user = user
        self.cookies: dict[str, dict[str, str]] = {}

    def request(self, url: str, method: str = "GET", form: dict | None = None) -> Answer:
        parts = urllib.parse.urlsplit(url)
        path = parts.path or "/"
        query = parts.query
        if path == "/authorize":
            query += f"&user={self.user}"
        fields = {"Host": parts.netloc, "Accept": "text/html"}
        jar = self.cookies.setdefault(parts.hostname, {})
        if jar:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=PATIENCE)
        connection.request(method, path + (f"?{query}" if query else ""), body, fields)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                content_of, _, attributes = rest.partition(";")
                if "max-age=0" in attributes.lower():
                    jar.pop(key, None)
                else:
                    jar[key] = content_of
        return Answer(url, answer.status, answer.getheaders(), content)

    def open(self, url: str, method: str = "GET", form: dict | None = None, stop=lambda url: False) -> Answer:
        for _ in range(30):
            answer = self.request(url, method, form)
            if answer.status not in (302, 303):
                return answer
            url = urllib.parse.urljoin(url, answer.header("location"))
            method, form = "GET", None
            if stop(url):
                return answer
        raise AssertionError(f"too many redirects, the last to {url}")


class Mailbox:
    """The folder that `--mail file:` writes into."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder

    def letter(self, to: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for path in sorted(self.folder.glob("*.eml"), reverse=True):
                text = path.read_text()
                if f"To: {to}" in text or f"To: <{to}>" in text:
                    return text
            time.sleep(0.05)
        raise AssertionError(f"no mail to {to}")

    def code(self, to: str) -> str:
        return re.search(r"\b(\d{6})\b", self.letter(to)).group(1)
