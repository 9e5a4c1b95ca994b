"""The OAuth client of the reference MCP SDK, as it stands, through real proxies, with a person at a real browser."""

import asyncio
import re
import urllib.parse

import httpx
import httpx2
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata, OAuthMetadata

from agents import Callback, Chromium, Site, loopback_names
from proxies import Caddy, Nginx


@pytest.fixture(scope="module", params=[Nginx, Caddy], ids=lambda kind: kind.name)
def site(request, built, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp(request.param.name), request.param)
    yield site
    site.stop()


@pytest.fixture
def person(tmp_path, monkeypatch):
    loopback_names(monkeypatch)
    person = Chromium(tmp_path / "browser")
    yield person
    person.stop()


@pytest.fixture
def callback():
    callback = Callback()
    yield callback
    callback.stop()


class Memory:
    """What a client keeps."""

    tokens = client = None

    async def get_tokens(self): return self.tokens
    async def set_tokens(self, tokens): self.tokens = tokens
    async def get_client_info(self): return self.client
    async def set_client_info(self, client): self.client = client


class Log:
    """One line an exchange; secrets are cut to their first characters."""

    def __init__(self):
        self.lines: list[str] = []

    @staticmethod
    def shortened(text: str) -> str:
        return re.sub(
            r"((?:code|code_verifier|code_challenge|refresh_token|state|oauth)(?:=|:|%3A))([\w.~-]{6})[\w.~-]+", r"\1\2…", text)

    async def request(self, request):
        line = f"{request.method} {request.url}"
        if request.headers.get("authorization"):
            line += f"\n      Authorization: {request.headers['authorization']}"
        if request.headers.get("content-type") == "application/x-www-form-urlencoded" or "registration" in str(request.url):
            line += f"\n      {request.content.decode()}"
        self.lines.append("-> " + self.shortened(line))

    async def response(self, response):
        line = f"{response.status_code} {response.headers.get('content-type', '')}"
        if "www-authenticate" in response.headers:
            line += f"\n      WWW-Authenticate: {response.headers['www-authenticate']}"
        self.lines.append("<- " + line)

    def browser(self, pages):
        self.lines += [f"   browser: {page}" for page in pages]


async def whoami(site, url, person, callback, memory, log, document=None, patience=120):
    """One session of the SDK's client that calls one tool."""
    async def redirect(address):
        log.lines.append("   browser is sent to " + log.shortened(address))
        shown = await asyncio.to_thread(person.visit, address)
        log.browser(person.pages)
        memory.consent = shown

    async def answered():
        values = await asyncio.to_thread(callback.wait)
        return AuthorizationCodeResult(code=values["code"], state=values.get("state"), iss=values.get("iss"))

    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="Reference agent", redirect_uris=[callback.url], token_endpoint_auth_method="none",
            grant_types=["authorization_code", "refresh_token"], response_types=["code"]),
        storage=memory, redirect_handler=redirect, callback_handler=answered, client_metadata_url=document)
    hooks = {"request": [log.request], "response": [log.response]}
    async with asyncio.timeout(patience), httpx2.AsyncClient(auth=provider, event_hooks=hooks, timeout=60) as http:
        async with streamable_http_client(url, http_client=http) as (read, write):
            async with ClientSession(read, write) as session:
                await session.initialize()
                result = await session.call_tool("whoami", {})
                return result.content[0].text


def acted(site, path, client_id, name):
    """The last request at the tool server came from Alice by that agent, and says so."""
    fields = [fields for asked, fields in site.tools.requests if asked == path][-1]
    claims = site.assertion(fields)
    assert claims["email"] == "alice@example.com" and claims["type"] == "app"
    assert claims["act"] == {"sub": client_id, "client_name": name} and claims["azp"] == client_id
    assert claims["oauth_client_name"] == name and claims["grant_id"]
    assert fields["cf-access-authenticated-user-email"] == "alice@example.com"
    # The token itself is between the agent and orgd.
    assert "authorization" not in fields and not any("oauth:" in value for value in fields.values())


def test_a_challenge_is_one_line(site, monkeypatch):
    """What an agent without a token is told, by a script's request and by a browser's."""
    loopback_names(monkeypatch)
    for fields, status, scheme in [({}, 401, "Bearer"), ({"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}, 302, "Cloudflare-Access")]:
        answer = httpx.get(site.url("/page"), headers=fields)
        assert answer.status_code == status
        [challenge] = answer.headers.get_list("www-authenticate")
        assert challenge.startswith(scheme) and challenge.endswith('/.well-known/oauth-protected-resource/page"'), challenge


@pytest.mark.parametrize("path", ["/", "/tools/mcp"])
def test_the_reference_client_registers_and_acts_for_a_person(site, person, callback, path):
    memory, log = Memory(), Log()
    text = asyncio.run(whoami(site, site.url(path), person, callback, memory, log))
    assert '"email": "alice@example.com"' in text and "Reference" in text
    acted(site, path, memory.client.client_id, "Reference agent")
    assert "Reference agent" in memory.consent and "alice@example.com" in memory.consent
    kinds = [line.split("\n")[0] for line in log.lines]
    assert kinds[0] == f"-> POST {site.url(path)}" and kinds[1].startswith("<- 401")
    assert any("oauth-protected-resource" in line for line in kinds)
    assert any("/cdn-cgi/access/oauth/registration" in line for line in kinds)
    print(f"\nOne flow of the MCP SDK's client through {site.proxy.name} to {site.url(path)}:")
    print("\n".join(log.lines))
    # A second run of the program with what it kept needs nobody.
    again = Log()
    asyncio.run(whoami(site, site.url(path), None, callback, memory, again))
    assert not any("oauth-protected-resource" in line or "/token" in line for line in again.lines)


@pytest.mark.parametrize("path", ["/", "/tools/mcp"])
def test_the_reference_client_is_known_by_its_document(site, person, callback, path):
    name = f"/agent/{path.count('/')}.json"
    document = site.documents.url + name
    site.documents.json(name, {
        "client_id": document, "client_name": "Documented agent", "redirect_uris": [callback.url],
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"]})
    memory, log = Memory(), Log()
    text = asyncio.run(whoami(site, site.url(path), person, callback, memory, log, document=document))
    assert '"email": "alice@example.com"' in text
    acted(site, path, document, "Documented agent")
    assert name in site.documents.asked
    assert "agent.localhost" in memory.consent
    assert not any("registration" in line for line in log.lines)


def test_the_reference_client_refreshes(site, person, callback):
    """A client whose access token has ended gets the next one without a person."""
    memory = Memory()
    asyncio.run(whoami(site, site.url("/"), person, callback, memory, Log()))
    first = memory.tokens
    ended = first.model_copy(update={"expires_in": -60})
    memory.tokens = ended
    log = Log()

    async def resume():
        provider = OAuthClientProvider(
            server_url=site.url("/"), client_metadata=OAuthClientMetadata(redirect_uris=[callback.url]), storage=memory)
        await provider._initialize()
        provider.context.update_token_expiry(ended)
        # Metadata is not kept between runs; the SDK then guesses the token endpoint from the resource's own origin.
        provider.context.oauth_metadata = metadata
        hooks = {"request": [log.request], "response": [log.response]}
        async with httpx2.AsyncClient(auth=provider, event_hooks=hooks, timeout=60) as http:
            return await http.get(site.url("/page"))

    metadata = OAuthMetadata.model_validate(httpx.get(f"{site.issuer}/.well-known/oauth-authorization-server").json())
    answer = asyncio.run(resume())
    assert answer.status_code == 200, answer.text
    assert memory.tokens.refresh_token != first.refresh_token
    assert sum("/oauth/token" in line for line in log.lines) == 1


def test_authlib_is_served_like_any_client(site, person, callback):
    """A library that knows OAuth and nothing of agents."""
    with httpx.Client() as http:
        server = http.get(f"{site.issuer}/.well-known/oauth-authorization-server").json()
        client_id = http.post(server["registration_endpoint"], json={
            "redirect_uris": [callback.url], "client_name": "Authlib"}).json()["client_id"]
    client = OAuth2Client(
        client_id=client_id, token_endpoint_auth_method="none", code_challenge_method="S256", redirect_uri=callback.url,
        token_endpoint=server["token_endpoint"], revocation_endpoint_auth_method="none")
    verifier = "v" * 64
    address, state = client.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, resource=site.url("/"))
    person.visit(address)
    values = callback.wait()
    assert values["state"] == state and values["iss"] == site.issuer
    client.fetch_token(server["token_endpoint"], authorization_response=f"{callback.url}?{urllib.parse.urlencode(values)}",
                       code_verifier=verifier, state=state)
    assert client.get(site.url("/page")).status_code == 200
    acted(site, "/page", client_id, "Authlib")
    before = client.token["refresh_token"]
    client.refresh_token(server["token_endpoint"])
    assert client.token["refresh_token"] != before
    assert client.get(site.url("/page")).status_code == 200
    assert client.revoke_token(server["revocation_endpoint"], token=client.token["refresh_token"]).status_code == 200
    assert httpx.get(site.url("/page"), headers={"Authorization": f"Bearer {client.token['access_token']}"}).status_code == 401
