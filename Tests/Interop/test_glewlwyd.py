"""A foreign identity provider as the primary of an organization: Debian's Glewlwyd, over the bridge (contract 30 §5, 40 §1)."""

import urllib.parse

try:  # Authlib takes the successor where it is installed, and transports must be of the same make.
    import httpx2 as httpx
except ImportError:
    import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.jose import JsonWebKey, jwt
from bridged import Bridged, Loopback
from glewlwyd import Glewlwyd, Person

CALLBACK = "https://rp.example.com/cb"


@pytest.fixture(scope="module")
def idp(tmp_path_factory):
    idp = Glewlwyd(tmp_path_factory.mktemp("glewlwyd"))
    try:
        yield idp.start()
    finally:
        idp.stop()


@pytest.fixture(scope="module")
def world(server, idp):
    world = Bridged(server, {
        "client_id": "orgd", "client_secret": "client-secret-of-orgd", "issuer": idp.issuer, "auth_url": f"{idp.issuer}/auth",
        "token_url": f"{idp.issuer}/token", "certs_url": f"{idp.issuer}/jwks", "pkce_enabled": True}, "glewlwyd")
    idp.add_client("orgd", "client-secret-of-orgd", f"http://{world.hq_team}.access.localhost:{world.port}/cdn-cgi/access/callback")
    for name in ("alice", "bob", "carol", "dave"):
        idp.add_user(name, name.title(), f"{name}@example.com")
    idp.add_user("mallory", "Mallory", "mallory@elsewhere.example")
    return world


def sign_in(world, app, person):
    """The claims that the application of the recipient account gets of somebody, or the page where they end."""
    client = OAuth2Client(app["client_id"], app["client_secret"], redirect_uri=CALLBACK, scope="openid email profile",
                          transport=Loopback(), timeout=60, code_challenge_method="S256")
    verifier = "v" * 64
    url, state = client.create_authorization_url(app["issuer"] + "/authorization", code_verifier=verifier)
    end = person.open(url, until=CALLBACK)
    if end.status != 302:
        return end
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(end.header("location")).query))
    assert query["state"] == state
    token = client.fetch_token(app["issuer"] + "/token", grant_type="authorization_code", code=query["code"], code_verifier=verifier)
    keys = httpx.Client(transport=Loopback()).get(app["issuer"] + "/jwks").json()
    return jwt.decode(token["id_token"], JsonWebKey.import_key_set(keys))


def test_the_provider_is_found_in_order(world, idp):
    tested = world.root.result("POST", f"/accounts/{world.hq}/access/identity_providers/{world.idp}/test")
    assert tested["success"] and tested["problems"] == [] and tested["issuer"] == idp.issuer


def test_a_person_of_a_foreign_provider_signs_in_over_the_bridge(world, idp):
    claims = sign_in(world, world.saas([CALLBACK]), Person("alice"))
    assert claims["email"] == "alice@example.com" and claims["name"] == "Alice"


def test_policies_apply_to_them(world):
    page = sign_in(world, world.saas([CALLBACK]), Person("mallory"))
    assert page.status == 403 and "mallory@elsewhere.example" in page.text


def test_the_provider_changes_its_keys_while_people_sign_in(world, idp):
    app = world.saas([CALLBACK])
    for name in ("bob", "carol", "dave"):
        idp.rotate_keys()
        # orgd asks for an unknown key once a minute at most; an administrator need not wait.
        world.root.result("DELETE", f"/accounts/{world.hq}/access/identity_providers/{world.idp}/discovery_cache")
        assert sign_in(world, app, Person(name))["email"] == f"{name}@example.com"


def test_somebody_with_a_session_there_is_not_asked_again(world, idp):
    app, person = world.saas([CALLBACK]), Person("alice")
    first = sign_in(world, app, person)
    again = sign_in(world, app, person)
    assert again["sub"] == first["sub"] and again["auth_time"] == first["auth_time"]
