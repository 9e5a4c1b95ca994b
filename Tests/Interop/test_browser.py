"""A real browser goes where people go, and has nothing to complain about: no error, and no report of a page's policy."""

import pytest

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
