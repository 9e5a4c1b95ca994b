"""A real browser goes where people go, and has nothing to complain about: no error, and no report of a page's policy."""

import pytest

from agents import Callback, PlainAgent, loopback_names
from people import Acme, DevIdP, Mailbox, Proxy
from server import Server
from webdriver import Chromium


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    idp = DevIdP(folder, "alice@example.com:Alice", "bob@example.com:Bob")
    server = Server(folder, "--mail", f"file:{folder / 'mail'}").start()
    acme = Acme(server, idp)
    acme.mailbox, acme.proxy = Mailbox(folder / "mail"), Proxy(server.url)
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


@pytest.fixture
def browser(tmp_path):
    browser = Chromium(tmp_path)
    yield browser
    browser.stop()


def choose(browser, email):
    browser.until(lambda b: "Sign in" in b.text and email in b.text, f"at the identity provider with {email}")
    browser.click(f'button[value="{email}"]')


def test_signing_in_over_the_bridge_and_out_again(acme, browser):
    acme.app(acme.emea, "wiki.localhost")
    browser.open(acme.proxy.url("wiki.localhost", "/page?x=1"))
    choose(browser, "alice@example.com")
    browser.until(lambda b: "alice@example.com" in b.text and "Wiki" in b.text, "in the application")
    assert browser.url == acme.proxy.url("wiki.localhost", "/page?x=1")
    assert browser.complaints() == []
    browser.open(acme.team("emea"))
    assert "Your applications" in browser.text and "Wiki" in browser.text
    assert browser.complaints() == []


def test_being_denied_and_becoming_somebody_else(acme, browser):
    acme.app(acme.emea, "closed.localhost", "Closed", include=[{"email": {"email": "bob@example.com"}}])
    browser.open(acme.proxy.url("closed.localhost"))
    choose(browser, "alice@example.com")
    browser.until(lambda b: "You cannot open Closed" in b.text, "on the page of a refusal")
    assert "alice@example.com" in browser.text and "denied" in browser.text
    assert browser.complaints() == []


def test_a_code_by_mail_is_entered_by_keyboard_alone(acme, browser):
    account = acme.account("mail")
    pin = acme.root.result("POST", f"/accounts/{account}/access/identity_providers", {
        "name": "Code by mail", "type": "onetimepin", "config": {}})["id"]
    acme.app(account, "pin.localhost", "Pin", allowed_idps=[pin])
    browser.open(acme.proxy.url("pin.localhost"))
    assert browser.focused() == "email"
    browser.type("#email", "ann@example.com\n")
    browser.until(lambda b: "Check your mail" in b.text, "asked for the code")
    assert browser.focused() == "code"
    browser.type("#code", acme.mailbox.code("ann@example.com") + "\n")
    browser.until(lambda b: "ann@example.com" in b.text and "Wiki" in b.text, "in the application")
    assert browser.complaints() == []


def test_a_reason_is_given_on_a_form_that_leads_to_the_application(acme, browser):
    acme.app(acme.hq, "asked.localhost", "Asked", policy={"purpose_justification_required": True}, destinations=[
        {"type": "public", "uri": "asked.localhost"}, {"type": "public", "uri": "b.asked.localhost"}])
    browser.open(acme.proxy.url("asked.localhost"))
    choose(browser, "alice@example.com")
    browser.until(lambda b: "Why do you need Asked?" in b.text, "asked for a reason")
    assert browser.focused() == "purpose"
    browser.type("#purpose", "an audit")
    browser.click("form button")
    browser.until(lambda b: "Wiki" in b.text and "alice@example.com" in b.text, "in the application")
    assert browser.complaints() == []


def test_all_hosts_of_an_application_open_after_one_login(acme, browser):
    acme.app(acme.emea, "one.localhost", "Many", destinations=[
        {"type": "public", "uri": f"{host}.localhost"} for host in ("one", "two", "three", "four", "five")])
    browser.open(acme.proxy.url("one.localhost", "/start"))
    choose(browser, "alice@example.com")
    browser.until(lambda b: b.url == acme.proxy.url("one.localhost", "/start"), "where it began")
    for host in ("two", "three", "four", "five"):
        browser.open(acme.proxy.url(f"{host}.localhost", "/x"))
        assert browser.url == acme.proxy.url(f"{host}.localhost", "/x") and "alice@example.com" in browser.text
    assert browser.complaints() == []


class Tools:
    """Where a program finds the application that it wants to use."""

    client = None

    def __init__(self, url):
        self.address = url

    def url(self, path):
        return self.address


def test_every_page_fits_light_dark_and_narrow(acme, browser, album, monkeypatch):
    """What people see on their way, one page after another; `--screenshots DIR` keeps pictures."""
    account = acme.account("tour")
    make = lambda kind, name, config: acme.root.result(  # noqa: E731
        "POST", f"/accounts/{account}/access/identity_providers", {"name": name, "type": kind, "config": config})["id"]
    pin = make("onetimepin", "One-time PIN", {})
    terms = {"purpose_justification_required": True, "approval_required": True,
             "approval_groups": [{"approvals_needed": 1, "email_addresses": ["bob@example.com"]}]}
    acme.app(account, "tour.localhost", "Payroll of the Northern Region")
    acme.app(account, "code.localhost", "Code", allowed_idps=[pin])
    acme.app(account, "terms.localhost", "Terms", policy=terms)
    acme.app(account, "shut.localhost", "Shut", include=[{"email": {"email": "nobody@example.com"}}])
    acme.app(account, "silent.localhost", "Silent", policy={"require": [{"external_evaluation": {
        "evaluate_url": "https://10.1.2.3/", "keys_url": "https://10.1.2.3/keys"}}]})

    browser.open(acme.proxy.url("tour.localhost"))
    browser.until(lambda b: "One-time PIN" in b.text, "at the choice of providers")
    album.take(browser, "01-choice")
    browser.open(acme.proxy.url("code.localhost"))
    browser.until(lambda b: b.focused() == "email", "asked for an address")
    album.take(browser, "02-address")
    browser.type("#email", "ann@example.com\n")
    browser.until(lambda b: "Check your mail" in b.text, "asked for the code")
    album.take(browser, "03-code")
    browser.type("#code", "000000\n")
    browser.until(lambda b: "code" in b.text and b.find(".error"), "told that the code is wrong")
    album.take(browser, "04-wrong-code")

    browser.open(acme.proxy.url("tour.localhost"))
    browser.until(lambda b: "One-time PIN" in b.text, "at the choice of providers")
    browser.follow("Acme login")
    choose(browser, "alice@example.com")
    browser.until(lambda b: "alice@example.com" in b.text and "Wiki" in b.text, "in the application")
    browser.open(acme.team("tour"))
    album.take(browser, "05-launcher")
    browser.open(acme.team("tour", "/oauth/grants"))
    album.take(browser, "06-agents")
    loopback_names(monkeypatch)
    acme.app(account, "tools.localhost", "Tools of the Northern Region", oauth_configuration={"enabled": True})
    program = PlainAgent(Tools(acme.proxy.url("tools.localhost", "/mcp"))).discover()
    callback = Callback()
    program.redirect = callback.url
    program.client = program.registered(client_name="Desktop agent")
    browser.open(program.authorization())
    browser.until(lambda b: "Desktop agent" in b.text and "alice@example.com" in b.text, "asked for consent")
    album.take(browser, "15-consent")
    browser.click('button[value="allow"]')
    assert program.redeem(callback.wait()["code"]).status_code == 200
    callback.stop()
    browser.open(acme.team("tour", "/oauth/grants"))
    browser.until(lambda b: "Desktop agent" in b.text, "at the connected programs")
    album.take(browser, "16-connected")
    browser.open(acme.team("tour", "/cdn-cgi/access/approvals"))
    album.take(browser, "07-approvals")
    browser.open(acme.proxy.url("shut.localhost"))
    browser.until(lambda b: "You cannot open" in b.text, "refused")
    album.take(browser, "08-denied")
    browser.open(acme.proxy.url("silent.localhost"))
    browser.until(lambda b: "did not answer" in b.text, "told that a service is silent")
    album.take(browser, "09-silent")
    browser.open(acme.proxy.url("terms.localhost"))
    browser.until(lambda b: "Why do you need" in b.text, "asked for a reason")
    album.take(browser, "10-purpose")
    browser.type("#purpose", "an audit")
    browser.click("form button")
    browser.until(lambda b: "Waiting for approval" in b.text, "waiting")
    album.take(browser, "11-waiting")
    browser.open(acme.team("tour", "/cdn-cgi/access/callback?state=x&code=y"))
    album.take(browser, "12-error")
    browser.open(acme.team("tour", "/cdn-cgi/access/nothing"))
    album.take(browser, "13-nothing")
    browser.open(acme.team("tour", "/cdn-cgi/access/logout"))
    browser.until(lambda b: "signed out" in b.text, "signed out")
    album.take(browser, "14-signed-out")
    assert browser.complaints() == []
