"""Programs act for people: the whole flow over plain HTTP, and with Authlib as the client."""

import base64
import hashlib
import http.server
import json
import os
import re
import secrets
import ssl
import subprocess
import threading
import urllib.parse

try:  # Authlib takes the successor where it is installed, and transports must be of the same make.
    import httpx2 as httpx
except ImportError:
    import httpx
import jwt
import pytest
from authlib.integrations.httpx_client import OAuth2Client

from people import Acme, CookieBrowser, DevIdP, Proxy
from server import ORGCTL, Server

HOST = "agents.localhost"


class LoopbackNames(httpx.HTTPTransport):
    """Every *.localhost name is on loopback, whatever the resolver says."""

    def handle_request(self, request):
        host = request.url.host
        if host.endswith(".localhost"):
            request.headers["Host"] = request.url.netloc.decode()
            request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


def client(**options):
    return httpx.Client(transport=LoopbackNames(), timeout=60, **options)


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("agents")
    idp = DevIdP(folder, "alice@example.com:Alice", "bob@example.com:Bob")
    server = Server(folder).start()
    acme = Acme(server, idp)
    acme.idp, acme.proxy, acme.http = idp, Proxy(server.url), client()
    acme.wiki = acme.app(acme.emea, HOST, oauth_configuration={"enabled": True})
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


@pytest.fixture
def agent(acme):
    return Agent(acme)


class Agent:
    """A program that knows nothing but the address of what it wants."""

    redirect = "http://127.0.0.1:4711/callback"

    def __init__(self, acme, path="/docs/page?x=1", user="alice"):
        self.acme, self.http = acme, acme.http
        self.url = acme.proxy.url(HOST, path)
        self.browser = CookieBrowser(user)

    def discover(self):
        refused = self.http.get(self.url)
        assert refused.status_code == 401, refused.text
        field = refused.headers["www-authenticate"]
        assert field.startswith("Bearer ") and "error=" not in field
        self.metadata_url = re.search(r'resource_metadata="([^"]+)"', field).group(1)
        resource = self.http.get(self.metadata_url)
        assert resource.status_code == 200 and resource.headers["access-control-allow-origin"] == "*"
        self.resource = resource.json()["resource"]
        assert self.url.startswith(self.resource)
        [issuer] = resource.json()["authorization_servers"]
        self.server = self.http.get(f"{issuer}/.well-known/oauth-authorization-server").json()
        assert self.server["issuer"] == issuer
        return self

    def register(self, **metadata):
        answer = self.http.post(self.server["registration_endpoint"], json={
            "redirect_uris": [self.redirect], "client_name": "Test agent", "application_type": "native", **metadata})
        assert answer.status_code == 201, answer.text
        self.registered = answer.json()
        self.client_id = self.registered["client_id"]
        return self

    def authorize(self, **changes):
        """The page or answer that the person's browser ends at."""
        self.verifier = secrets.token_urlsafe(32)
        self.state = secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect, "state": self.state,
            "code_challenge": challenge, "code_challenge_method": "S256", "resource": self.resource, **changes}
        url = self.server["authorization_endpoint"] + "?" + urllib.parse.urlencode(query)
        return self.browser.open(url, stop=lambda url: url.startswith(self.redirect))

    def decide(self, page, decision="allow"):
        assert page.status == 200 and "Test agent" in page.text, page.text
        url = urllib.parse.urljoin(page.url, "/cdn-cgi/access/oauth/consent")
        answer = self.browser.request(url, "POST", {"ticket": page.hidden("ticket"), "decision": decision})
        return self.answer(answer)

    def answer(self, answer):
        assert answer.status == 302, answer.text
        location = answer.header("location")
        assert location.startswith(self.redirect + "?")
        values = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        assert values["state"] == self.state and values["iss"] == self.server["issuer"]
        return values

    def token(self, **form):
        return self.http.post(self.server["token_endpoint"], data={"client_id": self.client_id, "resource": self.resource, **form})

    def redeem(self, code):
        return self.token(grant_type="authorization_code", code=code, redirect_uri=self.redirect, code_verifier=self.verifier)

    def refresh(self, token):
        return self.token(grant_type="refresh_token", refresh_token=token)

    def connect(self):
        self.discover().register()
        answer = self.redeem(self.decide(self.authorize())["code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self

    def use(self, token=None, url=None):
        return self.http.get(url or self.url, headers={"Authorization": f"Bearer {token or self.tokens['access_token']}"})


def test_a_program_finds_its_way_and_acts_for_its_person(acme, agent):
    agent.connect()
    assert agent.tokens["token_type"] == "Bearer" and agent.tokens["expires_in"] == 900
    shown = agent.use()
    assert shown.status_code == 200 and "alice@example.com" in shown.text and "Test%20agent" in shown.text
    assertion = re.search("<p id=assertion>([^<]+)", shown.text).group(1)
    keys = jwt.PyJWKSet.from_dict(acme.http.get(agent.server["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(assertion)["kid"]]
    claims = jwt.decode(assertion, key, algorithms=["RS256"], options={"verify_aud": False}, issuer=agent.server["issuer"])
    assert claims["email"] == "alice@example.com" and claims["azp"] == agent.client_id
    assert claims["act"] == {"sub": agent.client_id, "client_name": "Test agent"}
    assert claims["exp"] - claims["iat"] <= 60


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/", "/a%20b/c", "/deep/er/still?q=1"])
def test_discovery_from_every_path(acme, path):
    agent = Agent(acme, path).discover()
    assert agent.metadata_url.startswith(acme.proxy.url(HOST, "/.well-known/oauth-protected-resource"))


def test_the_application_host_is_an_issuer_too(acme, agent):
    agent.discover()
    origin = acme.proxy.url(HOST, "")
    agent.server = acme.http.get(f"{origin}/.well-known/oauth-authorization-server").json()
    assert agent.server["issuer"] == origin
    agent.register()
    tokens = agent.redeem(agent.decide(agent.authorize())["code"]).json()
    assert agent.use(tokens["access_token"]).status_code == 200
    assert agent.refresh(tokens["refresh_token"]).status_code == 200


def test_replays_end_everything(acme, agent):
    agent.discover().register()
    code = agent.decide(agent.authorize())["code"]
    tokens = agent.redeem(code).json()
    assert agent.use(tokens["access_token"]).status_code == 200
    again = agent.redeem(code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    assert agent.use(tokens["access_token"]).status_code == 401


def test_refresh_rotates_and_a_lost_answer_comes_again(acme, agent):
    agent.connect()
    first = agent.refresh(agent.tokens["refresh_token"]).json()
    again = agent.refresh(agent.tokens["refresh_token"]).json()
    assert again["refresh_token"] == first["refresh_token"] and again["access_token"] == first["access_token"]
    second = agent.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    # The successor has been used: now the old one is stolen goods.
    assert agent.refresh(agent.tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert agent.use(second["access_token"]).status_code == 401
    rows = acme.root.request("GET", f"/accounts/{acme.emea}/logs/audit", params={"since": "2020-01-01", "before": "2100-01-01"})
    assert "oauth_refresh_reuse" in rows.text


def test_who_loses_access_loses_it_for_programs(acme):
    host = "lost.localhost"
    app = acme.app(acme.emea, host, oauth_configuration={"enabled": True})
    agent = Agent(acme)
    agent.url = acme.proxy.url(host, "/x")
    agent.connect()
    assert agent.use().status_code == 200
    acme.root.result("PUT", f"/accounts/{acme.emea}/access/apps/{app}", {
        "type": "self_hosted", "name": "Wiki", "domain": host, "oauth_configuration": {"enabled": True},
        "policies": [{"name": "bob", "decision": "allow", "include": [{"email": {"email": "bob@example.com"}}]}]})
    denied = agent.use()
    assert denied.status_code == 403 and denied.json() == {"error": "access_denied"}
    assert agent.refresh(agent.tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert agent.answer(agent.authorize())["error"] == "access_denied"


def test_tokens_are_for_one_application(acme, agent):
    acme.app(acme.emea, "otherapp.localhost", oauth_configuration={"enabled": True})
    agent.connect()
    other = agent.use(url=acme.proxy.url("otherapp.localhost"))
    assert other.status_code == 401 and other.json()["error"] == "invalid_token"


def test_administrators_and_people_take_back(acme, agent, tmp_path):
    agent.connect()
    base = f"/accounts/{acme.emea}/access"
    clients = acme.root.result("GET", f"{base}/apps/{acme.wiki}/oauth_clients")
    [row] = [row for row in clients if row["client_id"] == agent.client_id]
    assert row["grants"] == 1 and row["kind"] == "dcr" and row["last_used_at"]
    [user] = [user for user in acme.root.result("GET", f"{base}/users") if user["email"] == "alice@example.com"]
    [grant] = [row for row in acme.root.result("GET", f"{base}/users/{user['id']}/oauth_grants") if row["client_id"] == agent.client_id]
    assert grant["app_id"] == acme.wiki and grant["client_name"] == "Test agent"
    acme.root.result("DELETE", f"{base}/users/{user['id']}/oauth_grants/{grant['id']}")
    assert agent.use().status_code == 401

    agent.connect()
    page = agent.browser.open(acme.team("emea", "/oauth/grants"))
    assert page.status == 200 and "Test agent" in page.text
    forged = agent.browser.request(acme.team("emea", "/oauth/grants"), "POST", {"grant": page.hidden("grant"), "seal": "x"})
    assert forged.status == 400 and agent.use().status_code == 200
    done = agent.browser.open(acme.team("emea", "/oauth/grants"), "POST", {"grant": page.hidden("grant"), "seal": page.hidden("seal")})
    assert done.status == 200 and agent.use().status_code == 401

    agent.connect()
    acme.root.result("DELETE", f"{base}/apps/{acme.wiki}/oauth_clients/{agent.client_id}")
    assert agent.use().status_code == 401
    assert agent.authorize().status == 400


def test_authlib_as_the_client(acme, agent):
    agent.discover().register(token_endpoint_auth_method="client_secret_basic")
    session = OAuth2Client(
        agent.client_id, agent.registered["client_secret"], redirect_uri=agent.redirect, code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic", transport=LoopbackNames(), timeout=60)
    agent.verifier = secrets.token_urlsafe(40)
    url, agent.state = session.create_authorization_url(
        agent.server["authorization_endpoint"], code_verifier=agent.verifier, resource=agent.resource)
    page = agent.browser.open(url)
    values = agent.decide(page)
    token = session.fetch_token(
        agent.server["token_endpoint"], code=values["code"], code_verifier=agent.verifier, grant_type="authorization_code")
    assert session.get(agent.url).status_code == 200
    fresh = session.refresh_token(agent.server["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["access_token"] != token["access_token"]
    assert session.get(agent.url).status_code == 200
    assert session.revoke_token(agent.server["revocation_endpoint"], token=fresh["refresh_token"]).status_code == 200
    assert agent.use(fresh["access_token"]).status_code == 401


class APIAgent(Agent):
    """A program at the control plane's own API."""

    def __init__(self, acme, path="/accounts", user="alice"):
        super().__init__(acme, user=user)
        self.url = f"http://localhost:{acme.port}/client/v4{path}"

    def discover(self):
        refused = self.http.get(self.url)
        assert refused.status_code == 400 and refused.json()["errors"][0]["code"] == 9106
        self.metadata_url = re.search(r'resource_metadata="([^"]+)"', refused.headers["www-authenticate"]).group(1)
        resource = self.http.get(self.metadata_url).json()
        self.resource = resource["resource"]
        assert self.resource == f"http://localhost:{self.acme.port}/client/v4"
        [issuer] = resource["authorization_servers"]
        self.server = self.http.get(f"{issuer}/.well-known/oauth-authorization-server").json()
        assert self.server["issuer"] == issuer == f"http://localhost:{self.acme.port}"
        return self


@pytest.fixture
def member(acme):
    path = f"/organizations/{acme.organization}/members"
    found = acme.root.result("POST", path, {"member": {
        "user": {"email": "alice@example.com"}, "role": "super_administrator", "status": "active"}})
    yield path + "/" + found["id"]
    acme.root.delete(path + "/" + found["id"])


def test_authlib_at_the_control_plane_itself(acme, member):
    agent = APIAgent(acme).discover().register()
    session = OAuth2Client(
        agent.client_id, redirect_uri=agent.redirect, code_challenge_method="S256", token_endpoint_auth_method="none",
        transport=LoopbackNames(), timeout=60)
    agent.verifier = secrets.token_urlsafe(40)
    url, agent.state = session.create_authorization_url(
        agent.server["authorization_endpoint"], code_verifier=agent.verifier, resource=agent.resource)
    page = agent.browser.open(url)
    assert "the control plane&#39;s API" in page.text and page.url.startswith("http://hq.access.localhost:")
    values = agent.decide(page)
    session.fetch_token(
        agent.server["token_endpoint"], code=values["code"], code_verifier=agent.verifier, grant_type="authorization_code")
    assert {account["name"] for account in session.get(agent.url).json()["result"]} >= {"hq", "emea"}
    session.refresh_token(agent.server["token_endpoint"], refresh_token=session.token["refresh_token"])
    tag = session.post(
        f"http://localhost:{acme.port}/client/v4/accounts/{acme.emea}/access/tags", json={"name": "by an agent"})
    assert tag.status_code == 201, tag.text
    row = acme.root.result("GET", f"/accounts/{acme.emea}/logs/audit?since=2020-01-01&before=2100-01-01&limit=1")[0]
    assert row["actor"]["context"] == "oauth" and row["actor"]["email"] == "alice@example.com"
    assert row["actor"]["oauth_client_id"] == agent.client_id and row["actor"]["oauth_client_name"] == "Test agent"
    # A token of the API opens no application, and one of an application not the API.
    assert agent.use(session.token["access_token"], acme.proxy.url(HOST, "/")).status_code == 401
    wiki = Agent(acme).connect()
    assert wiki.use(url=agent.url).status_code == 401
    # Who is no member any more is nobody at the next request.
    assert acme.root.delete(member).status_code == 200
    refused = agent.use(session.token["access_token"])
    assert refused.status_code == 401 and 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert agent.refresh(session.token["refresh_token"]).json()["error"] == "invalid_grant"


def test_who_is_no_member_gives_a_program_nothing_at_the_control_plane(acme, member):
    agent = APIAgent(acme, user="bob").discover().register()
    answer = agent.answer(agent.authorize())
    assert answer["error"] == "access_denied" and "code" not in answer


def test_orgctl_fetch_signs_in_to_the_api(acme, member, tmp_path):
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "PATH": os.environ["PATH"]}
    url = f"http://localhost:{acme.port}/client/v4/accounts/{acme.hq}"
    process = subprocess.Popen(
        [str(ORGCTL), "fetch", url, "--no-browser"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment, text=True)
    address = next(line.strip() for line in process.stderr if line.startswith("  http"))
    redirect = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["redirect_uri"]
    browser = CookieBrowser("alice")
    page = browser.open(address, stop=lambda found: found.startswith(redirect))
    target = urllib.parse.urljoin(page.url, "/cdn-cgi/access/oauth/consent")
    answer = browser.request(target, "POST", {"ticket": page.hidden("ticket"), "decision": "allow"})
    assert acme.http.get(answer.header("location")).status_code == 200
    output, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert json.loads(output)["result"]["name"] == "hq"


class TestDocuments:
    """Clients that are the address of a document, served by a TLS server of the test's own authority."""

    @pytest.fixture
    def world(self, built, tmp_path):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        import datetime
        import ipaddress

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([
                x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .sign(key, hashes.SHA256()))
        authority, private = tmp_path / "ca.pem", tmp_path / "key.pem"
        authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        documents = {}
        over = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass

            def do_GET(self):
                if self.path == "/never":
                    over.wait()
                    return
                status, fields, body = documents.get(self.path, (404, {}, b""))
                self.send_response(status)
                for field, value in fields.items():
                    self.send_header(field, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, private)
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self.parts = []

        def make(*flags):
            idp = DevIdP(tmp_path, "alice@example.com:Alice")
            server = Server(tmp_path, *flags, env={"SSL_CERT_FILE": str(authority)}).start()
            acme = Acme(server, idp)
            acme.proxy, acme.http = Proxy(server.url), client()
            acme.app(acme.emea, HOST, oauth_configuration={"enabled": True})
            self.parts.append((server, idp, acme.proxy))
            acme.documents, acme.origin = documents, f"https://127.0.0.1:{listener.server_address[1]}"
            return acme

        yield make
        for server, idp, proxy in self.parts:
            proxy.stop()
            idp.stop()
            assert server.stop() == 0, server.log_tail()
        over.set()
        listener.shutdown()
        listener.server_close()
        thread.join(60)

    def publish(self, acme, path="/client.json", status=200, fields=None, **changes):
        url = acme.origin + path
        body = {"client_id": url, "client_name": "Test agent", "redirect_uris": [Agent.redirect], **changes}
        acme.documents[path] = (status, {"Content-Type": "application/json", **(fields or {})}, json.dumps(body).encode())
        return url

    def test_flow(self, world):
        acme = world("--allowed-networks", "127.0.0.0/8")
        agent = Agent(acme).discover()
        assert agent.server["client_id_metadata_document_supported"] is True
        agent.client_id = self.publish(acme)
        page = agent.authorize()
        assert f"127.0.0.1:{urllib.parse.urlsplit(acme.origin).port}" in page.text
        tokens = agent.redeem(agent.decide(page)["code"]).json()
        assert "alice@example.com" in agent.use(tokens["access_token"]).text
        # A redirect is not followed, and a large document is not read.
        for path, change in {"/moved": {"status": 302, "fields": {"Location": "/client.json"}}, "/large": {"x": "y" * 6000}}.items():
            agent.client_id = self.publish(acme, path, **change)
            assert agent.authorize().status == 400

    def test_a_host_that_never_answers_holds_nobody_up(self, world):
        acme = world("--allowed-networks", "127.0.0.0/8")
        agent, other = Agent(acme).discover(), Agent(acme).discover().register()
        agent.client_id = acme.origin + "/never"
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(agent.authorize()))
        waiting.start()
        # Meanwhile the server serves everybody else.
        assert other.redeem(other.decide(other.authorize())["code"]).status_code == 200
        waiting.join(60)
        assert [answer.status for answer in answers] == [400]
        assert "never" not in answers[0].text.split("</main>")[0]

    def test_loopback_is_out_of_reach_unless_allowed(self, world):
        acme = world()
        agent = Agent(acme).discover()
        agent.client_id = self.publish(acme)
        page = agent.authorize()
        assert page.status == 400 and "127.0.0.1" not in page.text.split("</main>")[0]
