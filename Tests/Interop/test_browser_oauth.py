"""Consent in a real browser, and programs that do not keep to the rules, through a real proxy."""

import concurrent.futures
import urllib.parse

import httpx
import pytest

from agents import Callback, Chromium, PlainAgent, Published, Site, loopback_names
from people import CookieBrowser
from proxies import Nginx
from server import eventually


@pytest.fixture(scope="module")
def site(built, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"), Nginx)
    yield site
    site.stop()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    loopback_names(monkeypatch)


@pytest.fixture
def agent(site):
    return PlainAgent(site)


@pytest.fixture
def person(tmp_path):
    person = Chromium(tmp_path / "browser")
    yield person
    person.stop()


@pytest.fixture
def callback():
    callback = Callback()
    yield callback
    callback.stop()


def refused(answer, error="invalid_grant", status=400):
    assert answer.status_code == status and answer.json()["error"] == error, answer.text
    assert answer.headers["cache-control"] == "no-store"


# A person at a browser


def test_a_person_allows_and_denies(agent, person, callback):
    agent.redirect = callback.url
    agent.discover().register()
    text = person.visit(agent.authorization())
    for shown in ("Plain agent", "not verified", "Tools", "alice@example.com", "127.0.0.1"):
        assert shown in text, text
    values = callback.wait()
    assert values["iss"] == agent.issuer and values["state"] == "s"
    assert agent.redeem(values["code"]).status_code == 200
    # A program on this machine is asked about every time, and "Deny" is an answer.
    assert "Plain agent" in person.visit(agent.authorization(), decision="deny")
    values = callback.wait()
    assert values["error"] == "access_denied" and values["iss"] == agent.issuer and "code" not in values


def test_consent_cannot_be_framed(agent, person):
    agent.discover().register()
    elsewhere = Published()
    address = agent.authorization()
    # Signed in first, so that what is framed would be the question itself.
    person.driver.get(agent.issuer)
    page = elsewhere.html("/", f'<!doctype html><title>Trap</title><h1>Win</h1><iframe id=f src="{address.replace("&", "&amp;")}"></iframe>')
    answer = CookieBrowser().open(address)
    assert "frame-ancestors 'none'" in answer.header("content-security-policy")
    assert answer.header("x-frame-options") == "DENY"
    person.driver.get(page)
    person.driver.switch_to.frame(person.element("#f"))
    assert not person.driver.find_elements("css selector", "button[name=decision]")
    person.driver.switch_to.default_content()
    elsewhere.stop()


# Programs that do not keep to the rules


def test_a_code_is_good_once(agent):
    agent.discover().register()
    code = agent.decide(agent.ask())["code"]
    tokens = agent.redeem(code).json()
    assert agent.use(tokens["access_token"]).status_code == 200
    refused(agent.redeem(code))
    # Whoever had the first answer may be the thief, so it is over for both.
    assert agent.use(tokens["access_token"]).status_code == 401
    refused(agent.refresh(tokens["refresh_token"]))


@pytest.mark.parametrize(("change", "error"), [
    ({"code_verifier": "w" * 43}, "invalid_grant"), ({"redirect_uri": "http://127.0.0.1:4711/other"}, "invalid_grant"),
    ({"redirect_uri": "http://127.0.0.1:4712/callback"}, "invalid_grant"), ({"client_id": "nobody"}, "invalid_client"),
    ({"resource": "https://other.example.org/"}, "invalid_target"), ({"code": "guess"}, "invalid_grant"),
])
def test_a_code_is_bound_to_what_it_was_asked_with(agent, change, error):
    agent.discover().register()
    code = agent.decide(agent.ask())["code"]
    refused(agent.redeem(code, **change) if "code" not in change else agent.redeem(change["code"]), error, 401 if error == "invalid_client" else 400)


def test_without_a_verifier_there_is_no_token(agent):
    agent.discover().register()
    code = agent.decide(agent.ask())["code"]
    refused(agent.post(grant_type="authorization_code", code=code, redirect_uri=agent.redirect), "invalid_request")


@pytest.mark.parametrize("uri", [
    "http://127.0.0.1:4711/other", "http://127.0.0.1:4711/callback?x=1", "https://127.0.0.1:4711/callback",
    "http://localhost:4711/callback", "http://127.0.0.1.evil.example/callback", "http://127.0.0.1:4711/callback/../callback",
    "http://user@127.0.0.1:4711/callback", "javascript:alert(1)", "",
])
def test_an_answer_goes_to_a_registered_address_or_nowhere(agent, uri):
    agent.discover().register()
    page = agent.ask(redirect_uri=uri)
    assert page.status == 400 and page.header("location") is None
    assert "invalid_client" in page.text


def test_only_the_port_of_a_loopback_address_may_differ(agent):
    agent.discover().register()
    agent.redirect = "http://127.0.0.1:59999/callback"
    assert agent.redeem(agent.decide(agent.ask())["code"]).status_code == 200


@pytest.mark.parametrize(("change", "error"), [
    ({"resource": "https://other.example.org/"}, "invalid_target"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"), ({"response_type": "token"}, "unsupported_response_type"),
])
def test_bad_questions_are_answered_with_an_error(agent, change, error):
    agent.discover().register()
    values = agent.values(agent.ask(**change))
    assert values["error"] == error and values["state"] == "s" and values["iss"] == agent.issuer


@pytest.mark.parametrize("uri", [
    "https://evil.example/callback", "http://evil.example/", "javascript:alert(1)", "http://127.0.0.1/a#b", "cursor://x", "/callback",
])
def test_only_allowed_addresses_can_be_registered(agent, uri):
    agent.discover()
    answer = agent.http.post(agent.server["registration_endpoint"], json={"redirect_uris": [uri]})
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_redirect_uri"


def test_a_token_is_for_one_application(site, agent):
    host = "second-" + site.host
    site.acme.app(site.acme.emea, host, "Second", oauth_configuration={"enabled": True})
    agent.connect()
    # The same orgd, asked about another application as a proxy before that one asks.
    answer = httpx.get(f"http://127.0.0.1:{site.acme.port}/cdn-cgi/access/forward-auth", headers={
        "X-Forwarded-Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET",
        "X-Forwarded-For": "127.0.0.1", "Authorization": f"Bearer {agent.tokens['access_token']}"})
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert agent.use().status_code == 200


def test_a_token_counts_in_its_field_only(agent):
    agent.connect()
    token = agent.tokens["access_token"]
    assert httpx.get(agent.url, params={"access_token": token}).status_code == 401
    assert httpx.post(agent.url, data={"access_token": token}).status_code == 401
    assert httpx.get(agent.url, headers={"Cookie": f"CF_Authorization={token}", "X-Requested-With": "XMLHttpRequest"}).status_code == 401


def test_two_refreshes_at_once_are_one(agent):
    agent.connect()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: agent.refresh(agent.tokens["refresh_token"]), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert agent.use(answers[0].json()["access_token"]).status_code == 200


def test_a_retired_refresh_token_ends_the_grant_after_its_window(agent):
    """For ten seconds the answer may have been lost; then somebody else has the token."""
    agent.connect()
    old = agent.tokens["refresh_token"]
    first = agent.refresh(old).json()
    lost = agent.refresh(old)
    assert lost.status_code == 200 and lost.json()["refresh_token"] == first["refresh_token"]
    eventually(lambda: agent.refresh(old).status_code == 400, within=30)
    refused(agent.refresh(first["refresh_token"]))
    assert agent.use(first["access_token"]).status_code == 401


def test_nobody_consents_for_somebody_else(site, agent):
    agent.discover().register()
    # Without a login there is no question, only a way to the login.
    stranger = CookieBrowser()
    first = stranger.request(agent.authorization())
    assert first.status == 302 and "/cdn-cgi/access/" in first.header("location") and not agent.is_answer(first.header("location"))
    consent = urllib.parse.urljoin(agent.issuer, "/cdn-cgi/access/oauth/consent")
    for form in ({"decision": "allow"}, {"ticket": "guess", "decision": "allow"}):
        answer = stranger.request(consent, "POST", form)
        assert answer.status in (400, 403) and answer.header("location") is None, (answer.status, answer.text)
    # Alice's question is not Bob's to answer, nor a stranger's.
    page = agent.ask()
    bob = PlainAgent(site, user="bob").discover().register()
    bob.ask()
    for browser in (bob.browser, stranger):
        answer = browser.request(consent, "POST", {"ticket": page.hidden("ticket"), "decision": "allow"})
        assert answer.status in (400, 403) and answer.header("location") is None, (answer.status, answer.text)
    # And hers it is still.
    assert agent.redeem(agent.decide(page)["code"]).status_code == 200


def test_a_silent_question_gets_a_silent_answer(agent):
    agent.discover().register()
    assert agent.values(agent.ask(prompt="none"))["error"] == "login_required"
    agent.decide(agent.ask(), "deny")
    assert agent.values(agent.ask(prompt="none"))["error"] == "consent_required"


def test_who_is_not_admitted_cannot_send_a_program(site):
    agent = PlainAgent(site, user="eve").discover().register()
    assert agent.values(agent.ask())["error"] == "access_denied"
