"""The console's pages of an account in a real browser: they render in silence, and people work with them by keyboard."""

import re

import pytest

from people import Acme, CookieBrowser, DevIdP, Proxy
from server import Server
from test_console import CONTRAST, OUTLINE, Console
from webdriver import Chromium

HOSTILE = "<b onclick=alert(1)>\"Night\" & 'Day'</b>"

# Every page below an account; what is in braces is filled in from what the fixture made.
PAGES = [
    "service-tokens", "service-tokens?search=nothing-like-it", "service-tokens/new", "service-tokens/{token}",
    "applications", "applications?search=nothing-like-it", "applications/new", "applications/{app}",
    "applications/{app}?email=alice@example.com&ip=192.0.2.1&country=NL", "applications/{app}/edit",
    "applications/{app}/policies/new", "applications/{app}/policies/{inline}", "applications/{linked}", "policies",
    "policies/new", "policies/{policy}", "policies/{policy}?email=bob@example.com", "policies/{policy}/edit", "groups",
    "groups/new", "groups/{group}", "agents", "users", "users/{user}", "access-log", "access-log?allowed=false",
    "audit", "audit?type=access_policy", "audit/{row}", "audit/integrity", "zero-trust", "zero-trust/keys",
    "zero-trust/tags", "zero-trust/custom-pages", "zero-trust/custom-pages/new", "zero-trust/custom-pages/{page}",
    "applications/00000000-0000-0000-0000-000000000000",
]


class Account(Console):
    """The console, and an account in which everything is."""

    def path(self, path: str) -> str:
        return path if path.startswith("/sign") else f"/accounts/{self.acme.emea}/" + path.format(**self.acme.made)

    def press(self, *names: str):
        keys = {"tab": "\ue004", "enter": "\ue007", "space": " ", "down": "\ue015"}
        actions = [step for name in names for step in (
            {"type": "keyDown", "value": keys[name]}, {"type": "keyUp", "value": keys[name]})]
        self.browser.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def reach(self, what: str):
        for _ in range(120):
            self.press("tab")
            if self.run(f"return document.activeElement.matches({what!r})"):
                return
        raise AssertionError(f"no way to {what} by keyboard")

    def push(self, css: str):
        """Clicks what may be below the bar that stays at the top, where a person would scroll first."""
        self.run(f"document.querySelector({css!r}).scrollIntoView({{block: 'center'}})")
        self.browser.click(css)

    def fill(self, css: str, text: str):
        self.run(f"document.querySelector({css!r}).value = ''")
        self.browser.type(css, text)


def furnish(acme: Acme) -> dict[str, str]:
    """One of everything, with names that could be markup."""
    access, root = f"/accounts/{acme.emea}/access", acme.root
    policy = root.result("POST", f"{access}/policies", {
        "name": "Staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}],
        "require": [{"geo": {"country_code": "NL"}}], "exclude": [
            {"user_risk_score": {"user_risk_score": ["high"]}}, {"login_method": {"id": acme.connection}}]})["id"]
    app = acme.app(acme.emea, "wiki.localhost", include=[
        {"email_domain": {"domain": "example.com"}}, {"group": {"id": root.result("POST", f"{access}/groups", {
            "name": HOSTILE, "include": [{"email": {"email": "carol@example.org"}}]})["id"]}}])
    tag = root.result("POST", f"{access}/tags", {"name": "internal"})["name"]
    linked = root.result("POST", f"{access}/apps", {
        "type": "self_hosted", "name": HOSTILE, "domain": "handbook.localhost", "policies": [policy], "tags": [tag],
        "oauth_configuration": {"enabled": True}})["id"]
    token = root.result("POST", f"{access}/service_tokens", {"name": HOSTILE})["id"]
    page = root.result("POST", f"{access}/custom_pages", {
        "name": "Refused", "type": "identity_denied", "custom_html": "<!doctype html><h1>No</h1>"})["uid"]
    proxy = acme.proxy
    for person in ("alice@example.com", "mallory@example.net"):
        CookieBrowser(person).open(proxy.url("wiki.localhost"))
    inline = root.result("GET", f"{access}/apps/{app}")["policies"][0]["id"]
    user = next(row for row in root.result("GET", f"{access}/users") if row["email"] == "alice@example.com")
    rows = root.result(
        "GET", f"/accounts/{acme.emea}/logs/audit?since=2000-01-01&before=2100-01-01&resource_type=access_application")
    return {"policy": policy, "app": app, "linked": linked, "token": token, "page": page, "inline": inline,
            "user": user["id"], "row": rows[0]["id"], "group": root.result("GET", f"{access}/groups")[0]["id"]}


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("console-account")
    idp = DevIdP(folder, "alice@example.com:Alice", "bob@example.com:Bob", "mallory@example.net:Mallory")
    server = Server(folder).start()
    acme = Acme(server, idp)
    acme.proxy = Proxy(server.url)
    acme.connection = next(
        row["id"] for row in acme.root.result("GET", f"/accounts/{acme.emea}/access/identity_providers"))
    acme.made = furnish(acme)
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


@pytest.fixture
def visitor(acme, tmp_path):
    browser = Chromium(tmp_path)
    yield Account(browser, acme)
    browser.stop()


@pytest.fixture
def account(visitor, acme):
    visitor.sign_in(acme.server.root_token)
    return visitor


def test_every_page_renders_in_silence(account):
    assert account.faults(PAGES, OUTLINE, silent=True) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(account, scheme):
    account.scheme(scheme)
    assert account.faults(PAGES, CONTRAST) == {}


def test_on_a_phone_nothing_is_cut_off(account):
    account.size(390)
    assert account.faults(PAGES, OUTLINE) == {}


def test_names_that_could_be_markup_are_text(account):
    for path in ("applications", "service-tokens", "groups", "applications/{app}", "audit"):
        account.open(path)
        assert account.run("return document.querySelectorAll('main b[onclick]').length") == 0, path
        assert path == "audit" or HOSTILE in account.browser.text, path


def test_a_service_token_is_made_by_keyboard_alone_and_its_secret_is_shown_once(account, acme):
    account.open("service-tokens")
    account.reach("main .tools a.button")
    account.press("enter")
    account.see("The secret is shown once")
    account.reach("#f-name")
    account.browser.type("#f-name", "nightly backup")
    account.reach("main button[type=submit]")
    account.press("enter")
    account.see("nightly backup was created")
    secret = account.run("return document.getElementById('secret').textContent")
    client = account.run("return document.getElementById('client-id').textContent")
    assert re.fullmatch(r"[0-9a-f]{32}\.access", client) and len(secret) > 30
    # The copy button is there because there is a script.
    assert account.run("return document.querySelector('[data-copy=secret]').hidden") is False
    account.reach("main p a.button")
    account.press("enter")
    account.see("known to its holder only")
    assert secret not in account.run("return document.documentElement.outerHTML")
    assert account.browser.complaints() == []
    rows = acme.root.result(
        "GET", f"/accounts/{acme.emea}/logs/audit?since=2000-01-01&before=2100-01-01&resource_type=access_service_token")
    assert {row["actor"]["context"] for row in rows if row["action"]["description"] == "secret shown"} >= {"dash"}
    assert secret not in str(rows)


def test_one_click_rotates_a_service_token(account):
    account.open("service-tokens/{token}")
    account.browser.click('form[action$="/rotate"] button')
    account.see("has a new secret")
    assert len(account.run("return document.getElementById('secret').textContent")) > 30
    account.open("service-tokens/{token}")
    account.see("Old secret")


def test_one_click_turns_managed_oauth_on(account, acme):
    account.open("applications/{app}")
    account.browser.click('form[action$="/oauth"] button')
    account.see("Managed OAuth is on")
    app = acme.root.result("GET", f"/accounts/{acme.emea}/access/apps/{acme.made['app']}")
    assert app["oauth_configuration"]["enabled"] is True
    account.browser.click('form[action$="/oauth"] button')
    account.see("What would happen")
    account.browser.click("button.danger")
    account.see("Managed OAuth is off.")


def test_an_application_says_who_would_get_in(account):
    account.open("applications/{app}")
    account.browser.type("#f-email", "alice@example.com\n")
    account.see("Yes: “staff” lets this person in.")
    account.fill("#f-email", "eve@evil.test\n")
    account.see("No: no policy lets this person in.")
    account.fill("#f-ip", "nowhere\n")
    account.see("Must be an IPv4 or IPv6 address.")
    assert account.run("return document.getElementById('f-ip').getAttribute('aria-invalid')") == "true"


def test_a_policy_is_written_and_tried_before_it_is_saved(account, acme):
    account.open("policies/new")
    account.browser.type("#f-name", "Partners")
    account.browser.type("#f-include-0-email_domain-domain", "example.org")
    account.run("document.getElementById('add-require').value = 'auth_method'")
    account.push('button[value="add:require"]')
    account.see("Not saved yet")
    account.browser.type("#f-require-0-auth_method-auth_method", "mfa")
    account.browser.type("#f-_email", "zoe@example.org")
    # Enter asks, and saves nothing.
    account.browser.type("#f-_amr", "pwd\n")
    account.see("No: no policy lets this person in.")
    assert "Require 1: Authentication method: mfa" in account.browser.text
    account.fill("#f-_amr", "pwd, mfa\n")
    account.see("Yes: “Partners” lets this person in.")
    names = [row["name"] for row in acme.root.result("GET", f"/accounts/{acme.emea}/access/policies")]
    assert "Partners" not in names
    account.push('button[value="remove:require:0"]')
    account.browser.until(lambda b: account.run("return !document.querySelector('[name=\"require/0\"]')"), "a row less")
    account.fill("#f-include-0-email_domain-domain", "no domain")
    account.push('main .actions button[value="save"]')
    account.see("Nothing was changed")
    field = "document.getElementById('f-include-0-email_domain-domain')"
    assert account.run(f"return {field}.getAttribute('aria-invalid')") == "true"
    account.fill("#f-include-0-email_domain-domain", "example.org")
    account.push('main .actions button[value="save"]')
    account.see("Partners was saved.")
    saved = next(
        row for row in acme.root.result("GET", f"/accounts/{acme.emea}/access/policies") if row["name"] == "Partners")
    assert saved["include"] == [{"email_domain": {"domain": "example.org"}}] and saved["require"] == []
    assert account.browser.complaints() == []


def test_the_access_log_is_fresh_by_itself(account, acme):
    account.open("access-log?email=bob")
    assert "Nothing matches these filters" in account.browser.text
    CookieBrowser("bob@example.com").open(acme.proxy.url("wiki.localhost"))
    # The page asks again after half a minute; the test does not wait for it.
    account.run("""
        return fetch(location.href, { headers: { "X-Console-Refresh": "1" } }).then((answer) => answer.text()).then((text) => {
            const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("log");
            document.getElementById("log").replaceChildren(...document.importNode(fresh, true).childNodes);
        });""")
    account.see("bob@example.com")


def test_the_sessions_of_a_person_end(account, acme):
    person = CookieBrowser("bob@example.com")
    assert "bob@example.com" in person.open(acme.proxy.url("wiki.localhost")).text
    user = next(row for row in acme.root.result("GET", f"/accounts/{acme.emea}/access/users")
                if row["email"] == "bob@example.com")["id"]
    account.open(f"users/{user}")
    account.browser.click('form[action$="/revoke"] button')
    account.see("What would happen")
    account.browser.click("button.danger")
    account.see("The sessions of bob@example.com have ended.")
    assert acme.root.result("GET", f"/accounts/{acme.emea}/access/users/{user}/active_sessions") == []


def test_the_audit_log_shows_fields_before_and_after(account):
    account.open("applications/{linked}/edit")
    account.fill("#f-custom_deny_message", "Ask the help desk.")
    account.browser.click("main form .actions button")
    account.see("was saved.")
    account.open("audit?type=access_application&action=update")
    account.browser.follow("update application")
    account.see("What changed")
    row = account.run("return [...document.querySelectorAll('#changes tbody tr')].map((row) => row.innerText)")
    assert any("custom_deny_message" in line and "Ask the help desk." in line for line in row), row


def test_without_a_script_a_policy_can_be_written(visitor, acme):
    visitor.browser.do("POST", "/goog/cdp/execute", {
        "cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": True}})
    visitor.sign_in(acme.server.root_token)
    visitor.open("applications/{app}/policies/new")
    visitor.browser.type("#f-name", "Guests")
    visitor.browser.type("#f-include-0-email_domain-domain", "guests.test")
    visitor.browser.click('button[value="add:include"]')
    visitor.see("Not saved yet")
    visitor.browser.type("#f-include-1-email-email", "zoe@example.org")
    visitor.browser.click('main .actions button[value="save"]')
    visitor.see("Guests decides at Wiki from now on.")
