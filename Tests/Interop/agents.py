"""Agents, the people who send them, and what stands between them: a team, a proxy, a tool server, a browser."""

import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import os
import pathlib
import queue
import re
import secrets
import shutil
import socket
import ssl
import threading
import time
import urllib.parse

import httpx
import jwt
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from people import Acme, CookieBrowser, DevIdP
from server import PATIENCE, Server


def loopback_names(monkeypatch):
    """Every *.localhost name is on loopback (RFC 6761), which not every resolver knows."""
    system = socket.getaddrinfo

    def lookup(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return system("127.0.0.1" if name and name.endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self.sign(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        self.path = folder / "authority.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name, key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2)))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def server(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key.public_key(),
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]))
        path = self.folder / f"{host}.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Published:
    """A web server that answers from a table of documents; with an authority over TLS."""

    def __init__(self, authority: Authority | None = None, host: str = "127.0.0.1"):
        self.documents: dict[str, tuple] = {}
        self.asked: list[str] = []
        published = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                published.asked.append(self.path)
                status, kind, text = published.documents.get(self.path.split("?")[0], (404, "text/plain", "nothing"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if authority:
            self.server.socket = authority.server(host).wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if authority else 'http'}://{host}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def json(self, path: str, document: dict) -> str:
        self.documents[path] = (200, "application/json", json.dumps(document))
        return self.url + path

    def html(self, path: str, text: str) -> str:
        self.documents[path] = (200, "text/html; charset=utf-8", text)
        return self.url + path

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Callback:
    """Where a native program takes the answer from the browser."""

    def __init__(self):
        self.answers: queue.Queue = queue.Queue()
        answers = self.answers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                found = parts.path == "/callback"
                page = b"<!doctype html><title>Done</title><link rel=icon href='data:,'><p id=done>Done" if found else b""
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                if found:
                    answers.put(dict(urllib.parse.parse_qsl(parts.query)))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self) -> dict:
        return self.answers.get(timeout=PATIENCE)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class ToolServer:
    """A tool server made with the reference SDK, at / and at /tools/mcp. It trusts what the proxy says and remembers it."""

    paths = ("/", "/tools/mcp")

    def __init__(self):
        self.requests: list[tuple[str, dict]] = []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        apps = {path: self.tools(path) for path in self.paths}

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                return await self.lifespan(apps, receive, send)
            fields = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
            self.requests.append((scope["path"], fields))
            app = apps.get(scope["path"])
            if app:
                return await app(scope, receive, send)
            body = json.dumps({"path": scope["path"], "headers": fields}).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": body})

        self.server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="on"))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()

    @staticmethod
    async def lifespan(apps, receive, send):
        await receive()
        contexts = [app.router.lifespan_context(app) for app in apps.values()]
        for context in contexts:
            await context.__aenter__()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for context in reversed(contexts):
            await context.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    @staticmethod
    def tools(path: str):
        tools = MCPServer("Tools")

        @tools.tool()
        def whoami(context: Context) -> str:
            """Who is asking, as the proxy says."""
            fields = context.headers
            return json.dumps({"email": fields.get("cf-access-authenticated-user-email"), "agent": fields.get("cf-access-oauth-client-name")})

        # Its guard against rebinding knows only its own address; behind a proxy the proxy's host names are fixed.
        open_to_proxy = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        return tools.streamable_http_app(streamable_http_path=path, transport_security=open_to_proxy)

    def stop(self):
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        self.socket.close()


class Site:
    """Acme with one application for agents behind a real proxy; orgd trusts the test's authority and reaches loopback."""

    def __init__(self, folder: pathlib.Path, proxy_kind, **oauth):
        self.folder = folder
        self.authority = Authority(folder)
        self.documents = Published(self.authority, "agent.localhost")
        self.idp = DevIdP(folder, "alice@example.com:Alice", "bob@example.com:Bob", "eve@evil.test:Eve")
        self.server = Server(
            folder, "--allowed-networks", "127.0.0.0/8", env={"SSL_CERT_FILE": str(self.authority.path)}).start()
        self.acme = Acme(self.server, self.idp)
        self.tools = ToolServer()
        self.host = f"tools-{proxy_kind.name}.localhost"
        folder = folder / "proxy"
        folder.mkdir()
        self.proxy = proxy_kind(folder, self.acme.port, self.tools.port, self.host).start()
        self.app = self.acme.app(self.acme.emea, self.host, "Tools", oauth_configuration={"enabled": True, **oauth})
        self.access = f"/accounts/{self.acme.emea}/access"
        self.client: str | None = None
        self.issuer = f"http://emea.access.localhost:{self.acme.port}"
        self.aud = self.acme.root.result("GET", f"{self.access}/apps/{self.app}")["aud"]

    def url(self, path: str = "/") -> str:
        return self.proxy.url + path

    def assertion(self, fields: dict) -> dict:
        """The claims of a request at the application, verified as the application would."""
        token = fields["cf-access-jwt-assertion"]
        keys = jwt.PyJWKSet.from_dict(
            httpx.get(f"http://127.0.0.1:{self.acme.port}/cdn-cgi/access/certs", headers={"Host": f"emea.access.localhost:{self.acme.port}"}).json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key, algorithms=["RS256"], audience=self.aud, issuer=self.issuer)

    def stop(self):
        self.proxy.stop()
        self.tools.stop()
        self.idp.stop()
        self.documents.stop()
        assert self.server.stop() == 0, self.server.log_tail()


class Chromium:
    """A person at a real browser."""

    def __init__(self, folder: pathlib.Path, user: str = "alice"):
        self.user = user
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}"):
            options.add_argument(flag)
        driver = shutil.which("chromedriver")
        assert options.binary_location and driver, "chromium and chromium-driver are not installed: scripts/deps.sh"
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
        self.driver.set_page_load_timeout(PATIENCE)
        self.pages: list[str] = []

    def element(self, *selectors: str):
        """The first element that is there, of any of these."""
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: next((found[0] for css in selectors if (found := driver.find_elements(By.CSS_SELECTOR, css))), None))

    def visit(self, url: str, decision: str = "allow") -> str:
        """Follows an authorization address: signs in where somebody asks who it is, decides where somebody asks for it.
        The text of the consent page; empty when nobody asked."""
        self.driver.get(url)
        text = ""
        while True:
            found = self.element("#done", "button[name=user]", "button[name=decision]", "h1")
            page = f"{self.driver.title} at {urllib.parse.urlsplit(self.driver.current_url).netloc}"
            self.pages.append(page)
            kind = found.get_attribute("name")
            if kind == "user":
                self.driver.find_element(By.CSS_SELECTOR, f"button[value^='{self.user}@']").click()
            elif kind == "decision":
                text = self.driver.find_element(By.TAG_NAME, "body").text
                self.driver.find_element(By.CSS_SELECTOR, f"button[value={decision}]").click()
            else:
                return text
            WebDriverWait(self.driver, PATIENCE).until(lambda _: self.is_gone(found))

    @staticmethod
    def is_gone(element) -> bool:
        try:
            element.is_enabled()
            return False
        except Exception:  # the page it was on is no more; which exception says so depends on the moment
            return True

    def stop(self):
        self.driver.quit()


class PlainAgent:
    """A program that does each step of OAuth by hand, so that a test can do one of them wrong."""

    def __init__(self, site: Site, path: str = "/docs", user: str = "alice", url: str | None = None):
        self.site, self.url = site, url or site.url(path)
        self.http = httpx.Client(timeout=PATIENCE)
        self.browser = CookieBrowser(user)
        self.redirect = "http://127.0.0.1:4711/callback"

    def discover(self):
        refused = self.http.get(self.url)
        assert refused.status_code == 401, refused.text
        named = re.search(r'resource_metadata="([^"]+)"', refused.headers["www-authenticate"]).group(1)
        described = self.http.get(named).json()
        self.resource, self.issuer = described["resource"], described["authorization_servers"][0]
        self.server = self.http.get(f"{self.issuer}/.well-known/oauth-authorization-server").json()
        assert self.server["issuer"] == self.issuer
        return self

    def register(self):
        """As one client for all tests of a site, since only so many may register in a minute."""
        if self.site.client is None:
            self.site.client = self.registered()
        self.client = self.site.client
        return self

    def registered(self, **metadata) -> str:
        answer = self.http.post(self.server["registration_endpoint"], json={
            "redirect_uris": ["http://127.0.0.1:4711/callback"], "client_name": "Plain agent", **metadata})
        assert answer.status_code == 201, answer.text
        return answer.json()["client_id"]

    def authorization(self, **changes) -> str:
        self.verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.client, "redirect_uri": self.redirect, "state": "s",
            "code_challenge": challenge, "code_challenge_method": "S256", "resource": self.resource, **changes}
        return self.server["authorization_endpoint"] + "?" + urllib.parse.urlencode(query)

    def is_answer(self, url: str) -> bool:
        return url.startswith(self.redirect)

    def ask(self, **changes):
        """What the person's browser comes to: a page, or an answer for the program."""
        return self.browser.open(self.authorization(**changes), stop=self.is_answer)

    def values(self, answer) -> dict:
        assert answer.status in (302, 303), (answer.status, answer.text)
        assert self.is_answer(answer.header("location")), answer.header("location")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.header("location")).query))

    def decide(self, page, decision: str = "allow") -> dict:
        assert page.status == 200 and page.hidden("ticket"), page.text
        target = urllib.parse.urljoin(page.url, "/cdn-cgi/access/oauth/consent")
        return self.values(self.browser.request(target, "POST", {"ticket": page.hidden("ticket"), "decision": decision}))

    def post(self, **form) -> httpx.Response:
        return self.http.post(self.server["token_endpoint"], data={"client_id": self.client, **form})

    def redeem(self, code: str, **changes) -> httpx.Response:
        return self.post(**{
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect,
            "code_verifier": self.verifier, "resource": self.resource, **changes})

    def refresh(self, token: str) -> httpx.Response:
        return self.post(grant_type="refresh_token", refresh_token=token, resource=self.resource)

    def connect(self):
        self.discover().register()
        answer = self.redeem(self.decide(self.ask())["code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self

    def use(self, token: str | None = None, url: str | None = None) -> httpx.Response:
        return self.http.get(
            url or self.url, headers={"Authorization": f"Bearer {token or self.tokens['access_token']}"})
