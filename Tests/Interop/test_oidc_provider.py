"""SaaS applications that sign people in with OpenID Connect, tried with the client library Authlib (contract 40 §9)."""

import base64
import hashlib
import json
import re
import secrets
import urllib.parse
from html import unescape

try:  # Authlib takes the successor where it is installed, and transports must be of the same make.
    import httpx2 as httpx
except ImportError:
    import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken, HybridIDToken
from bridged import Bridged, DevIdP, Loopback
from browser import Browser

CALLBACK = "https://rp.example.com/cb"
LISTENER = "http://127.0.0.1:45454/cb"


@pytest.fixture(scope="module")
def idp(built):
    idp = DevIdP(
        "alice@example.com:Alice:groups=eng-core,ops", "mallory@elsewhere.example:Mallory", "bob@example.com:Bob")
    yield idp
    idp.stop()


@pytest.fixture(scope="module")
def world(server, idp):
    return Bridged(server, idp.config, "oidc")


class Party:
    """An application: an Authlib client that learnt everything from discovery."""

    def __init__(self, world, redirect_uri=CALLBACK, secret=True, method="client_secret_basic", **saas):
        self.world, self.redirect_uri = world, redirect_uri
        self.app = world.saas([CALLBACK, "http://127.0.0.1/cb"], **saas)
        self.http = httpx.Client(transport=Loopback(), timeout=60)
        self.meta = self.http.get(self.app["issuer"] + "/.well-known/openid-configuration").raise_for_status().json()
        self.client = OAuth2Client(
            self.app["client_id"], self.app["client_secret"] if secret else None, redirect_uri=redirect_uri,
            scope="openid email profile groups", transport=Loopback(), timeout=60, code_challenge_method="S256",
            token_endpoint_auth_method=method if secret else "none")
        self.verifier = secrets.token_urlsafe(48)

    def url(self, response_type="code", pkce=True, **more):
        address, self.state = self.client.create_authorization_url(
            self.meta["authorization_endpoint"], response_type=response_type,
            **({"code_verifier": self.verifier} if pkce else {}), **more)
        return address

    def authorize(self, browser, **more):
        """Where the browser ends: the parameters of the answer, or the page."""
        return self.follow(browser, self.url(**more))

    def follow(self, browser, url):
        for _ in range(15):
            if url.startswith(self.redirect_uri):
                parts = urllib.parse.urlsplit(url)
                return dict(urllib.parse.parse_qsl(parts.fragment or parts.query))
            if urllib.parse.urlsplit(url).path == "/authorize" and browser.user:
                url += f"&user={browser.user}"
            answer = browser.get(url)
            if answer.status != 302:
                return answer
            url = urllib.parse.urljoin(url, answer.header("location"))
        raise AssertionError("redirects without end")

    def fetch(self, answer, **more):
        return self.client.fetch_token(
            self.meta["token_endpoint"], grant_type="authorization_code", code=answer["code"], code_verifier=self.verifier,
            **more)

    def keys(self):
        return JsonWebKey.import_key_set(self.http.get(self.meta["jwks_uri"]).json())

    def identity(self, token, nonce=None, kind=CodeIDToken, **params):
        claims = jwt.decode(token["id_token"], self.keys(), claims_cls=kind, claims_options={
            "iss": {"essential": True, "value": self.meta["issuer"]}, "aud": {"essential": True, "value": self.app["client_id"]}},
            claims_params={"nonce": nonce, "client_id": self.app["client_id"], **params})
        claims.validate()
        return claims

    def token(self, **form):
        """A raw request to the token endpoint, by a client that authenticates by form."""
        return self.http.post(self.meta["token_endpoint"], data={
            "client_id": self.app["client_id"], "client_secret": self.app["client_secret"], **form})

    def userinfo(self, access_token):
        return self.http.get(self.meta["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"})


def half_hash(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def refused(answer, error, status=400):
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"


def test_discovery_says_what_the_application_may_do(world):
    party = Party(world, grant_types=["authorization_code", "hybrid", "refresh_tokens"], hybrid_and_implicit_options={
        "return_id_token_from_authorization_endpoint": True})
    assert party.meta["issuer"] == party.app["issuer"]
    assert party.meta["response_types_supported"] == ["code", "code id_token"]
    assert party.meta["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert party.meta["scopes_supported"] == ["openid", "email", "profile", "groups", "offline_access"]
    assert party.meta["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    assert party.meta["code_challenge_methods_supported"] == ["S256"]
    assert party.http.get(world.origin + "/cdn-cgi/access/sso/oidc/" + "0" * 64 + "/jwks").status_code == 404


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_person_signs_in_over_the_bridge(world, method):
    party = Party(world, method=method, group_filter_regex="^eng-", custom_claims=[
        {"name": "employee", "required": True, "source": {"name": "badge", "name_by_idp": {world.idp: "preferred_username"}}}])
    answer = party.authorize(Browser("alice"), nonce="n-1")
    assert answer["iss"] == party.meta["issuer"]
    assert answer["state"] == party.state
    token = party.fetch(answer, state=party.state)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 300 and "refresh_token" not in token
    claims = party.identity(token, "n-1", access_token=token["access_token"])
    assert claims["email"] == "alice@example.com" and claims["email_verified"] is True
    assert claims["name"] == "Alice" and claims["groups"] == ["eng-core"] and claims["employee"] == "alice"
    assert claims["at_hash"] == half_hash(token["access_token"])
    info = party.userinfo(token["access_token"])
    assert info.json() == {key: claims[key] for key in ("sub", "email", "email_verified", "name", "groups", "employee")}
    access = jwt.decode(token["access_token"], party.keys())
    assert access["type"] == "app" and access["aud"] == [party.app["aud"]] and access["iss"] == world.origin
    assert access["sub"] == claims["sub"] and access["azp"] == party.app["client_id"]


def test_claims_follow_the_scope(world):
    party = Party(world)
    party.client.scope = "openid email unknown"
    token = party.fetch(party.authorize(Browser("alice")))
    assert token["scope"] == "openid email"
    claims = party.identity(token)
    assert "email" in claims and "name" not in claims and "groups" not in claims
    assert set(party.userinfo(token["access_token"]).json()) == {"sub", "email", "email_verified"}
    party.client.scope = "email"
    assert party.authorize(Browser("alice"))["error"] == "invalid_scope"


def test_a_code_works_once_and_its_second_use_ends_what_it_produced(world):
    party = Party(world)
    answer = party.authorize(Browser("alice"))
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK}
    for wrong in ({"code_verifier": secrets.token_urlsafe(48)}, {}, {"redirect_uri": CALLBACK + "/", "code_verifier": party.verifier}):
        refused(party.token(**{**form, **wrong}), "invalid_grant")
    first = party.token(**form, code_verifier=party.verifier)
    assert first.status_code == 200 and first.headers["pragma"] == "no-cache"
    assert party.userinfo(first.json()["access_token"]).status_code == 200
    refused(party.token(**form, code_verifier=party.verifier), "invalid_grant")
    assert party.userinfo(first.json()["access_token"]).status_code == 401


def test_a_code_of_another_client_is_worth_nothing(world):
    party, other = Party(world), Party(world)
    answer = party.authorize(Browser("alice"))
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK, "code_verifier": party.verifier}
    refused(other.token(**form), "invalid_grant")
    assert party.token(**form).status_code == 200


def test_clients_authenticate_as_they_are_registered(world):
    party = Party(world)
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}
    refused(party.token(**form, client_secret="wrong"), "invalid_client", 401)
    refused(party.http.post(party.meta["token_endpoint"], data={**form, "client_id": party.app["client_id"]}), "invalid_client", 401)
    basic = party.http.post(party.meta["token_endpoint"], data=form, auth=(party.app["client_id"], "wrong"))
    refused(basic, "invalid_client", 401)
    assert basic.headers["www-authenticate"].startswith("Basic ")
    both = party.http.post(
        party.meta["token_endpoint"], data={**form, "client_secret": "x"}, auth=(party.app["client_id"], "wrong"))
    refused(both, "invalid_request")
    refused(party.http.post(party.meta["token_endpoint"], json=form), "invalid_request")
    refused(party.token(grant_type="password"), "unsupported_grant_type")
    refused(party.token(grant_type="refresh_token", refresh_token="x"), "unauthorized_client")
    refused(party.token(**form), "invalid_grant")


def test_a_public_client_proves_itself_by_pkce(world):
    party = Party(world, LISTENER, secret=False, allow_pkce_without_client_secret=True,
                  grant_types=["authorization_code", "authorization_code_with_pkce"])
    assert "none" in party.meta["token_endpoint_auth_methods_supported"]
    # A loopback port is free to choose.
    assert party.identity(party.fetch(party.authorize(Browser("alice"))))["email"] == "alice@example.com"
    answer = party.authorize(Browser("alice"), pkce=False)
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": LISTENER, "client_id": party.app["client_id"]}
    refused(party.http.post(party.meta["token_endpoint"], data=form), "invalid_grant")
    # With its secret the same client needs no verifier.
    assert party.token(**form).status_code == 200


def test_pkce_is_required_where_the_application_says_so(world):
    answer = Party(world).authorize(Browser("alice"), pkce=False)
    assert answer["error"] == "invalid_request" and "code" not in answer


@pytest.mark.parametrize("change", [
    {"redirect_uri": CALLBACK + "/x"}, {"redirect_uri": "https://evil.example/cb"}, {"client_id": "0" * 64}])
def test_nothing_goes_to_an_address_that_is_not_registered(world, change):
    party = Party(world)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(party.url()).query))
    answer = Browser("alice").get(party.meta["authorization_endpoint"] + "?" + urllib.parse.urlencode({**query, **change}))
    assert answer.status == 400 and answer.header("location") is None
    assert "not registered" in answer.text


@pytest.mark.parametrize("more, error", [
    ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "elsewhere"}, "invalid_request"), ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"), ({"max_age": "-1"}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"), ({"request_uri": "https://x.example"}, "request_uri_not_supported")])
def test_other_mistakes_are_told_to_the_application(world, more, error):
    party = Party(world)
    answer = party.authorize(Browser("alice"), **more)
    assert answer["error"] == error and answer["state"] == party.state and answer["iss"] == party.meta["issuer"]


def test_prompt_and_age(world, idp):
    party, browser = Party(world), Browser("alice")
    assert party.authorize(browser, prompt="none")["error"] == "login_required"
    first = party.identity(party.fetch(party.authorize(browser)))
    silent = party.identity(party.fetch(party.authorize(browser, prompt="none")))
    assert silent["auth_time"] == first["auth_time"] and silent["sub"] == first["sub"]
    assert party.authorize(browser, prompt="none", max_age=0)["error"] == "login_required"

    def visits(**more):
        """Whether the way to the answer led over the identity provider."""
        url, seen = party.url(**more), []
        for _ in range(15):
            seen.append(url)
            if url.startswith(CALLBACK):
                assert "code=" in url
                return any(step.startswith(idp.issuer) for step in seen)
            if urllib.parse.urlsplit(url).path == "/authorize":
                assert "prompt=login" in url
                url += "&user=alice"
            url = urllib.parse.urljoin(url, browser.get(url).header("location"))

    assert visits(prompt="login")
    assert visits(max_age=0)
    assert not visits(max_age=3600)
    assert not visits()


def test_a_login_that_was_asked_for_cannot_be_skipped(world):
    """The note that a login took place belongs to one request: changing the request voids it."""
    party, browser = Party(world), Browser("alice")
    party.authorize(browser)
    for forged in ("0.AAAAAAAAAAAAAAAAAAAAAA", "1.x", "x"):
        answer = browser.get(party.url(prompt="login") + f"&asked_at={forged}")
        assert answer.status == 302 and not answer.header("location").startswith(CALLBACK)


def test_hybrid_and_implicit_answers(world):
    party = Party(world, grant_types=["authorization_code", "hybrid", "implicit"], hybrid_and_implicit_options={
        "return_id_token_from_authorization_endpoint": True, "return_access_token_from_authorization_endpoint": True})
    browser = Browser("alice")
    assert party.authorize(browser, response_type="id_token")["error"] == "invalid_request"  # no nonce
    answer = party.authorize(browser, response_type="code id_token token", nonce="n-2")
    claims = party.identity(answer, "n-2", HybridIDToken, code=answer["code"], access_token=answer["access_token"])
    assert claims["c_hash"] == half_hash(answer["code"]) and claims["at_hash"] == half_hash(answer["access_token"])
    assert party.userinfo(answer["access_token"]).json()["email"] == "alice@example.com"
    # Authlib sends no challenge with hybrid requests, so the code wants no verifier.
    again = party.token(grant_type="authorization_code", code=answer["code"], redirect_uri=CALLBACK).json()
    assert party.identity(again, "n-2")["sub"] == claims["sub"]
    answer = party.authorize(browser, response_type="id_token", nonce="n-3", pkce=False)
    assert "code" not in answer and party.identity(answer, "n-3")["email"] == "alice@example.com"
    assert party.authorize(browser, response_type="id_token", nonce="n", response_mode="query")["error"] == "invalid_request"


def test_an_answer_by_form_needs_no_script(world):
    party, browser = Party(world), Browser("alice")
    page = party.authorize(browser, response_mode="form_post")
    assert page.status == 200 and "<script" not in page.text
    assert "form-action 'self' https://rp.example.com;" in page.header("content-security-policy")
    assert re.search(r'<form[^>]* action="https://rp\.example\.com/cb"', page.text)
    fields = {unescape(name): unescape(value) for name, value in re.findall(
        r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page.text)}
    assert fields["iss"] == party.meta["issuer"] and fields["state"] == party.state
    assert party.identity(party.fetch(fields))["email"] == "alice@example.com"


def test_refresh_tokens_rotate_and_reuse_ends_the_family(world):
    party = Party(world, grant_types=["authorization_code_with_pkce", "refresh_tokens"])
    token = party.fetch(party.authorize(Browser("alice"), nonce="n-4"))
    first = party.identity(token, "n-4")
    second = party.client.refresh_token(party.meta["token_endpoint"], token["refresh_token"])
    assert second["refresh_token"] != token["refresh_token"] and second["access_token"] != token["access_token"]
    claims = party.identity(second)
    assert claims["sub"] == first["sub"] and claims["auth_time"] == first["auth_time"] and "nonce" not in claims
    narrow = party.token(grant_type="refresh_token", refresh_token=second["refresh_token"], scope="openid email").json()
    assert narrow["scope"] == "openid email" and "groups" not in party.userinfo(narrow["access_token"]).json()
    refused(party.token(grant_type="refresh_token", refresh_token=narrow["refresh_token"], scope="openid admin"), "invalid_scope")
    assert party.userinfo(second["access_token"]).status_code == 200
    refused(party.token(grant_type="refresh_token", refresh_token=token["refresh_token"]), "invalid_grant")
    assert party.userinfo(second["access_token"]).status_code == 401
    refused(party.token(grant_type="refresh_token", refresh_token=narrow["refresh_token"]), "invalid_grant")


def test_policies_are_judged_again_at_each_refresh(world):
    party = Party(world, grant_types=["authorization_code_with_pkce", "refresh_tokens"])
    token = party.fetch(party.authorize(Browser("bob")))
    token = party.client.refresh_token(party.meta["token_endpoint"], token["refresh_token"])
    app = world.root.result("GET", f"{world.access}/apps/{party.app['id']}")
    policy = app["policies"][0]
    world.root.result("PUT", f"{world.access}/apps/{party.app['id']}/policies/{policy['id']}", {
        "name": "staff", "decision": "allow", "include": [{"email": {"email": "alice@example.com"}}]})
    refused(party.token(grant_type="refresh_token", refresh_token=token["refresh_token"]), "invalid_grant")
    assert party.userinfo(token["access_token"]).status_code == 401


def test_people_whom_no_policy_admits_see_why(world):
    party = Party(world)
    page = party.authorize(Browser("mallory"))
    assert page.status == 403 and "mallory@elsewhere.example" in page.text
    party = Party(world, app={"custom_deny_url": "https://help.example.com/"})
    browser = Browser("mallory")
    url = party.url()
    for _ in range(15):
        if url.startswith("https://help.example.com/"):
            break
        if urllib.parse.urlsplit(url).path == "/authorize":
            url += "&user=mallory"
        url = urllib.parse.urljoin(url, browser.get(url).header("location"))
    assert url == "https://help.example.com/"
    assert party.authorize(browser, prompt="none")["error"] == "access_denied"


def test_a_required_claim_that_is_missing_fails_the_login(world):
    party = Party(world, custom_claims=[{"name": "employee", "required": True, "source": {"name": "badge"}}])
    page = party.authorize(Browser("bob"))
    assert page.status == 403 and "employee" in page.text


def test_tokens_can_be_revoked(world):
    party, other = Party(world, grant_types=["authorization_code_with_pkce", "refresh_tokens"]), Party(world)
    token = party.fetch(party.authorize(Browser("alice")))

    def revoke(who, text, **more):
        return who.http.post(who.meta["revocation_endpoint"], data={
            "client_id": who.app["client_id"], "client_secret": who.app["client_secret"], "token": text, **more})

    assert revoke(other, token["access_token"]).status_code == 200
    assert party.userinfo(token["access_token"]).status_code == 200
    refused(revoke(party, token["access_token"], client_secret="wrong"), "invalid_client", 401)
    done = revoke(party, token["access_token"], token_type_hint="refresh_token")
    assert done.status_code == 200 and done.content == b""
    assert party.userinfo(token["access_token"]).status_code == 401
    token = party.client.refresh_token(party.meta["token_endpoint"], token["refresh_token"])
    assert revoke(party, token["refresh_token"]).status_code == 200
    assert party.userinfo(token["access_token"]).status_code == 401
    refused(party.token(grant_type="refresh_token", refresh_token=token["refresh_token"]), "invalid_grant")
    assert revoke(party, "unknown").status_code == 200


def test_userinfo_wants_one_token(world):
    party = Party(world)
    bare = party.http.get(party.meta["userinfo_endpoint"])
    assert bare.status_code == 401 and "error" not in bare.headers["www-authenticate"]
    wrong = party.userinfo("x")
    assert wrong.status_code == 401 and 'error="invalid_token"' in wrong.headers["www-authenticate"]
    token = party.fetch(party.authorize(Browser("alice")))["access_token"]
    posted = party.http.post(party.meta["userinfo_endpoint"], data={"access_token": token})
    assert posted.json()["email"] == "alice@example.com"
    other = Party(world)
    assert other.userinfo(token).status_code == 401


def test_revoking_ends_what_applications_hold(world):
    party = Party(world, grant_types=["authorization_code_with_pkce", "refresh_tokens"])
    token = party.fetch(party.authorize(Browser("bob")))
    world.root.result("POST", f"{world.access}/apps/{party.app['id']}/revoke_tokens")
    refused(party.token(grant_type="refresh_token", refresh_token=token["refresh_token"]), "invalid_grant")
    assert party.userinfo(token["access_token"]).status_code == 401
    token = party.fetch(party.authorize(Browser("bob")))
    world.root.result("POST", f"{world.access}/organizations/revoke_user", {"email": "bob@example.com"})
    refused(party.token(grant_type="refresh_token", refresh_token=token["refresh_token"]), "invalid_grant")


def test_keys_rotate_while_tokens_are_out(world):
    party = Party(world)
    token = party.fetch(party.authorize(Browser("alice")))
    world.root.result("POST", f"{world.access}/keys/rotate")
    assert party.identity(token)["email"] == "alice@example.com"
    assert party.userinfo(token["access_token"]).status_code == 200
    later = party.fetch(party.authorize(Browser("alice")))
    kids = [json.loads(base64.urlsafe_b64decode(t["id_token"].split(".")[0] + "=="))["kid"] for t in (token, later)]
    assert kids[0] != kids[1] and party.identity(later)


def test_an_access_token_opens_applications_that_are_linked(world):
    party = Party(world)
    host = "linked.localhost"
    world.root.result("POST", f"{world.access}/apps", {
        "type": "self_hosted", "name": "Linked", "domain": host, "policies": [
            {"name": "linked", "decision": "non_identity", "include": [{"linked_app_token": {"app_uid": party.app["id"]}}]}]})
    token = party.fetch(party.authorize(Browser("alice")))["access_token"]

    def ask(**fields):
        return Browser().send("GET", f"{world.server.url}/cdn-cgi/access/forward-auth", {
            "X-Forwarded-Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Uri": "/", "X-Forwarded-For": "192.0.2.7",
            **{name.replace("_", "-"): value for name, value in fields.items()}}).status

    assert ask(Authorization=f"Bearer {token}") == 200
    assert ask(Cf_Access_Token=token) == 200
    assert ask(Authorization=f"Bearer {token[:-4]}AAAA") in (401, 403)
    assert ask() in (401, 403)
    world.root.result("POST", f"{world.access}/apps/{party.app['id']}/revoke_tokens")
    assert ask(Authorization=f"Bearer {token}") in (401, 403)
