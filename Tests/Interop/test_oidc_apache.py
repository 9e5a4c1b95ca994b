"""Apache's mod_auth_openidc signs people in through a SaaS application (contract 40 §9)."""

import pytest
from apache import Apache
from bridged import Bridged, DevIdP
from browser import Browser


@pytest.fixture(scope="module")
def world(server):
    idp = DevIdP("alice@example.com:Alice:groups=eng-core,ops", "mallory@elsewhere.example:Mallory")
    yield Bridged(server, idp.config, "apache")
    idp.stop()


@pytest.fixture(params=[True, False], ids=["pkce", "secret"])
def apache(request, world, tmp_path):
    apache = Apache(tmp_path)
    app = world.saas(
        [apache.redirect_uri], grant_types=["authorization_code_with_pkce" if request.param else "authorization_code"],
        group_filter_regex="^eng-")
    yield apache.start(app, request.param)
    apache.stop()


def test_claims_reach_the_application_and_people_sign_out(world, apache):
    alice = Browser("alice")
    page = alice.open(f"{apache.url}/app/")
    assert page.status == 200 and page.text == "the application\n", apache.log
    assert page.url.startswith(apache.url)
    assert [page.header(name) for name in ("x-user", "x-name", "x-groups")] == ["alice@example.com", "Alice", "eng-core"]
    # Its own session is enough from now on.
    assert len(alice.open(f"{apache.url}/app/").hops) == 1
    out = alice.open(f"{apache.redirect_uri}?logout=")
    assert out.status == 200
    # The session with the team is still there, so nobody is asked again.
    again = alice.open(f"{apache.url}/app/")
    assert again.status == 200 and not any("/authorize?" in hop for hop in again.hops)
    # After a logout from the team the identity provider is asked.
    alice.open(f"{apache.redirect_uri}?logout=")
    assert alice.open(f"{world.origin}/cdn-cgi/access/logout").status == 200
    back = alice.open(f"{apache.url}/app/")
    assert back.status == 200 and any("/authorize?" in hop for hop in back.hops)


def test_those_whom_no_policy_admits_never_reach_the_application(apache):
    page = Browser("mallory").open(f"{apache.url}/app/")
    assert page.status == 403 and "mallory@elsewhere.example" in page.text
