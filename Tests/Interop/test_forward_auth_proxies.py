"""People and machines on their way through a real proxy to an application, with the files of docs/proxies."""

import subprocess
from types import SimpleNamespace

import jwt
import pytest
from browser import Browser
from proxies import Caddy, Nginx, Origin
from server import API, ORGD, PATIENCE, eventually

CORS = {"Origin": "https://shop.example.org", "Access-Control-Request-Method": "PUT"}


@pytest.fixture(scope="module")
def identity_provider(built):
    process = subprocess.Popen(
        [str(ORGD), "dev-idp", "--listen", "127.0.0.1:0", "--client-id", "orgd", "--user", "alice@example.com:Alice:groups=staff",
         "--user", "mallory@elsewhere.example:Mallory"], stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().removeprefix("dev-idp issuer ").strip()
    process.terminate()
    process.wait(PATIENCE)
    process.stdout.close()


@pytest.fixture(scope="module", params=[Nginx, Caddy], ids=lambda kind: kind.name)
def site(request, server, identity_provider, tmp_path_factory):
    """A proxy before an application of an account that signs in by an identity provider of its own."""
    root, kind = API(server, server.root_token), request.param
    team = f"team-{kind.name}"
    account = root.result("POST", "/accounts", {"name": team, "standalone": True})["id"]
    access = f"/accounts/{account}/access"
    root.result("POST", f"{access}/organizations", {"name": team, "auth_domain": f"{team}.access.localhost"})
    root.result("POST", f"{access}/identity_providers", {"name": "Login", "type": "oidc", "config": {
        "client_id": "orgd", "client_secret": "s", "issuer": identity_provider,
        "auth_url": f"{identity_provider}/authorize", "token_url": f"{identity_provider}/token",
        "certs_url": f"{identity_provider}/keys", "claims": ["groups"]}})
    token = root.result("POST", f"{access}/service_tokens", {"name": "robot"})
    host = f"wiki-{kind.name}.localhost"
    app = root.result("POST", f"{access}/apps", {
        "type": "self_hosted", "name": "Wiki", "domain": host,
        "destinations": [{"type": "public", "uri": host, "overrides": [{"path_pattern": "/assets/*", "behavior": "public"}]}],
        "cors_headers": {"allowed_origins": [CORS["Origin"]], "allowed_methods": ["PUT"], "allow_credentials": True},
        "policies": [
            {"name": "robots", "decision": "non_identity", "include": [{"service_token": {"token_id": token["id"]}}]},
            {"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}]})
    origin = Origin()
    proxy = kind(tmp_path_factory.mktemp(kind.name), int(server.url.rsplit(":", 1)[1]), origin.port, host).start()
    yield SimpleNamespace(
        root=root, access=access, app=app, url=proxy.url, proxy=proxy, token=token, team=team,
        issuer=f"http://{team}.access.localhost:{server.url.rsplit(':', 1)[1]}")
    proxy.stop()
    origin.stop()


def reached(answer):
    """The fields with which a request reached the application."""
    assert answer.status == 200, (answer.status, answer.text)
    fields = {}
    for name, value in answer.json["headers"]:
        fields.setdefault(name, []).append(value)
    return fields


def verified(site, assertion):
    """The claims of an assertion, verified as a middleware would: keys by `kid`, issuer and audience."""
    keys = jwt.PyJWKSet.from_dict(Browser().get(f"{site.url}/cdn-cgi/access/certs").json)
    key = keys[jwt.get_unverified_header(assertion)["kid"]]
    return jwt.decode(assertion, key, algorithms=["RS256"], audience=site.app["aud"], issuer=site.issuer)


def test_sign_in(site):
    """Somebody signs in on the way to a page and sees it."""
    alice = Browser("alice")
    first = alice.get(f"{site.url}/page?x=1&y=%20")
    assert first.status == 302 and first.header("location").startswith(f"{site.issuer}/cdn-cgi/access/login/")
    assert "CF_AppSession" in alice.jar[site.proxy.host]
    assert first.header("www-authenticate").startswith("Cloudflare-Access resource_metadata=")
    page = alice.open(f"{site.url}/page?x=1&y=%20")
    fields = reached(page)
    assert page.json["path"] == "/page?x=1&y=%20"
    assert fields["cf-access-authenticated-user-email"] == ["alice@example.com"]
    claims = verified(site, fields["cf-access-jwt-assertion"][0])
    assert claims["email"] == "alice@example.com" and claims["type"] == "app"
    assert fields["cf-access-user-uuid"] == [claims["sub"]] and fields["cf-access-aud"] == [site.app["aud"]]
    identity = alice.get(f"{site.url}/cdn-cgi/access/get-identity").json
    assert identity["email"] == "alice@example.com" and identity["groups"] == ["staff"]


def test_posts_and_cookies_pass(site):
    """A signed-in request reaches the application whole, with the application's cookies and without those of Access."""
    alice = Browser("alice")
    alice.open(site.url)
    alice.jar[site.proxy.host]["theirs"] = "1"
    answer = alice.send("POST", f"{site.url}/form", {"Content-Type": "text/plain"}, b"hello")
    fields = reached(answer)
    assert answer.json["method"] == "POST" and answer.json["body"] == "hello"
    assert fields["cookie"] == ["theirs=1"]
    assert alice.send("HEAD", f"{site.url}/").status == 200


def test_spoofed_fields_never_arrive(site):
    """What a client says of itself is replaced or gone, with a session, without one, and on a public path."""
    spoofed = {
        "Cf-Access-Jwt-Assertion": "forged", "Cf-Access-Authenticated-User-Email": "admin@example.com",
        "Cf-Access-User-Uuid": "forged", "Cf-Access-Aud": "forged", "Cf-Access-Oauth-Client-Id": "forged",
        "Cf-Access-Oauth-Client-Name": "forged", "X-Orgd-Cookie": "forged=1", "X-Orgd-Country": "PT",
        "X-Orgd-Client-Cert-Verified": "SUCCESS", "X-Orgd-Client-Cert-CN": "forged"}
    alice = Browser("alice")
    alice.open(site.url)
    fields = reached(alice.get(f"{site.url}/", {**Browser.navigation, **spoofed}))
    assert fields["cf-access-authenticated-user-email"] == ["alice@example.com"]
    public = reached(Browser().get(f"{site.url}/assets/logo.svg", spoofed))
    for shown in (fields, public):
        assert "forged" not in str(shown) and "admin@example.com" not in str(shown), shown
        assert not any(name.startswith("x-orgd-client") for name in shown)
    for name in ("cf-access-jwt-assertion", "cf-access-authenticated-user-email"):
        assert public.get(name, [""]) == [""]
    assert Browser().get(f"{site.url}/", {**Browser.navigation, **spoofed}).status == 302


def test_described_by_the_client(site):
    """A client cannot describe another request than its own."""
    for name, value in [
        ("X-Forwarded-Uri", "/assets/logo.svg"), ("X-Original-URL", f"{site.url}/assets/logo.svg"),
        ("X-Original-URI", "/assets/logo.svg"), ("X-Forwarded-Host", "other.localhost"), ("X-Forwarded-Method", "OPTIONS"),
        ("X-Original-Method", "OPTIONS"), ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-Proto", "https"),
    ]:
        answer = Browser().get(f"{site.url}/secret", {**Browser.navigation, name: value})
        assert answer.status == 302, (name, answer.status, answer.text)
        assert "redirect_url=%2Fsecret" in answer.header("location"), name
    for path in ["/assets/../secret", "/assets/%2e%2e/secret", "//secret", "/./secret"]:
        assert Browser().get(site.url, raw_path=path).status == 302, path
    for path in ["/assets/..%2fsecret", "/assets/..%5csecret", "/assets/..;/secret"]:
        assert Browser().get(site.url, raw_path=path).status == 400, path


def test_only_the_proxy_asks(site):
    """The question itself is not for clients."""
    for path in ["/cdn-cgi/access/forward-auth", "/cdn-cgi/access/forward-auth/assets/x", "/cdn-cgi/access/forward-auth?proxy=nginx"]:
        assert Browser().get(site.url + path).status == 404, path


def test_denied(site):
    """Somebody whom no policy admits sees why, on the team's page and on the application's."""
    mallory = Browser("mallory")
    page = mallory.open(f"{site.url}/")
    assert page.status == 403 and "mallory@elsewhere.example" in page.text
    # A session that was admitted once and is not any more meets the same page at the application.
    alice = Browser("alice")
    alice.open(site.url)
    policies = f"{site.access}/apps/{site.app['id']}/policies"
    policy = next(each for each in site.root.result("GET", policies) if each["name"] == "staff")
    body = {"name": "staff", "decision": "allow", "include": [{"email": {"email": "nobody@example.com"}}]}
    try:
        site.root.result("PUT", f"{policies}/{policy['id']}", body)
        denied = alice.get(f"{site.url}/")
        assert denied.status == 403 and "alice@example.com" in denied.text
        assert denied.header("content-type").startswith("text/html")
        assert alice.get(f"{site.url}/", {"X-Requested-With": "XMLHttpRequest"}).status == 403
        app = f"{site.access}/apps/{site.app['id']}"
        before = site.root.result("GET", app)
        changed = {key: before[key] for key in ("type", "name", "domain", "destinations", "cors_headers")}
        changed["policies"] = [{"id": each["id"], "precedence": each["precedence"]} for each in before["policies"]]
        site.root.result("PUT", app, {**changed, "custom_deny_url": "https://help.example.org/no"})
        sent = alice.get(f"{site.url}/")
        assert sent.status == 302 and sent.header("location") == "https://help.example.org/no"
        site.root.result("PUT", app, {**changed, "custom_deny_url": ""})
    finally:
        site.root.result("PUT", f"{policies}/{policy['id']}", {**body, "include": [{"email_domain": {"domain": "example.com"}}]})
    assert alice.get(f"{site.url}/").status == 200


def test_scripts_get_no_redirect(site):
    """A script and a POST without a session are told 401."""
    assert Browser().get(f"{site.url}/", {"X-Requested-With": "XMLHttpRequest"}).status == 401
    assert Browser().send("POST", f"{site.url}/", body=b"x").status == 401


def test_logout(site):
    """After logout the same cookies open nothing, and the browser has dropped them."""
    alice = Browser("alice")
    alice.open(site.url)
    kept = dict(alice.jar[site.proxy.host])
    page = alice.get(f"{site.url}/cdn-cgi/access/logout")
    assert page.status == 200 and "CF_Authorization" not in alice.jar[site.proxy.host]
    alice.jar[site.proxy.host] = kept
    assert alice.get(f"{site.url}/").status == 302
    back = alice.get(f"{site.url}/cdn-cgi/access/logout?returnTo=https://evil.example/")
    assert back.status == 200


def test_silent_renewal(site):
    """Whoever has a session with the team gets a new one for the application without being asked."""
    alice = Browser("alice")
    alice.open(site.url)
    del alice.jar[site.proxy.host]["CF_Authorization"]
    page = alice.open(f"{site.url}/again")
    reached(page)
    assert not any("/authorize" in hop for hop in page.hops), page.hops


def test_service_token(site):
    """A machine passes with its pair, which the application never sees; the secret before the last does not."""
    def ask(secret):
        return Browser().get(f"{site.url}/", {
            "CF-Access-Client-Id": site.token["client_id"], "CF-Access-Client-Secret": secret})

    fields = reached(ask(site.token["client_secret"]))
    claims = verified(site, fields["cf-access-jwt-assertion"][0])
    assert claims["common_name"] == site.token["client_id"] and claims["sub"] == ""
    assert not any("client-secret" in name or "client-id" == name[-9:] and "oauth" not in name for name in fields), fields
    path = f"{site.access}/service_tokens/{site.token['id']}"
    eventually(lambda: site.root.result("GET", path)["last_seen_at"])
    new = site.root.result("POST", f"{path}/rotate", {})["client_secret"]
    assert ask(site.token["client_secret"]).status == 401
    assert ask(new).status == 200
    site.token["client_secret"] = new


def test_preflight(site):
    """orgd answers for the application, which does not see the preflight."""
    answer = Browser().send("OPTIONS", f"{site.url}/api", CORS)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == CORS["Origin"]
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("access-control-allow-methods") == "PUT"


def test_orgd_is_gone(site, tmp_path):
    """Without orgd nothing reaches the application."""
    origin = Origin()
    proxy = type(site.proxy)(tmp_path, 1, origin.port, site.proxy.host).start()
    try:
        for path in ("/", "/assets/logo.svg"):
            assert Browser().get(proxy.url + path).status in (500, 502, 503)
    finally:
        proxy.stop()
        origin.stop()
