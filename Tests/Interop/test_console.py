"""The admin console in a real browser: every page renders in silence, and the things that people do work with a keyboard."""

import pytest

from people import Acme, CookieBrowser, DevIdP, Proxy
from server import Server
from webdriver import Chromium
from world import account_token

# Every page by what its path names; `{organization}`, `{hq}`, `{emea}` and `{provider}` are filled in.
PAGES = [
    "/", "/organizations", "/organizations/{organization}", "/organizations/{organization}/tree",
    "/organizations/{organization}/accounts", "/organizations/{organization}/primary-idp",
    "/organizations/{organization}/drift", "/organizations/{organization}/drift?status=all",
    "/organizations/{organization}/members", "/organizations/{organization}/audit",
    "/organizations/{organization}/settings", "/accounts", "/accounts?search=zzz", "/accounts/new", "/accounts/{hq}",
    "/accounts/{emea}", "/accounts/{hq}/identity-providers", "/accounts/{hq}/identity-providers/new",
    "/accounts/{hq}/identity-providers/new?type=oidc", "/accounts/{hq}/identity-providers/{provider}",
    "/accounts/{hq}/members", "/accounts/{hq}/settings", "/nowhere",
]

# What a page must have for people who do not see it, asked of the page itself.
OUTLINE = """
const faults = [];
if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
if (!document.documentElement.lang) faults.push('no language');
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('id twice: ' + id);
for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!field.labels.length && !field.getAttribute('aria-label')) faults.push('no label: ' + field.name);
for (const e of document.querySelectorAll('[aria-describedby]'))
    for (const id of e.getAttribute('aria-describedby').split(' '))
        if (!document.getElementById(id)) faults.push('describes nothing: ' + id);
for (const button of document.querySelectorAll('button, a.button'))
    if (!button.textContent.trim()) faults.push('a button without a word');
for (const e of document.querySelectorAll('[style], [onclick], script:not([src])')) faults.push('inline ' + e.tagName);
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push('scrolls sideways');
return faults;
"""

# The contrast of every text with what is behind it (WCAG 2.2, 1.4.3), where that is one colour.
CONTRAST = """
const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
const faults = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest('.hidden, .skip, svg, [disabled]')) continue;
    const [one, two] = [light(parse(getComputedStyle(e).color).rgb), light(ground(e))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) faults.add(contrast.toFixed(2) + ' ' + e.textContent.trim().slice(0, 40));
}
return [...faults];
"""


class Console:
    """The console in Chromium."""

    def __init__(self, browser: Chromium, acme: Acme):
        self.browser, self.acme = browser, acme
        self.origin = f"http://localhost:{acme.port}"

    def path(self, path: str) -> str:
        acme = self.acme
        return path.format(organization=acme.organization, hq=acme.hq, emea=acme.emea, provider=acme.provider)

    def open(self, path: str):
        self.browser.open(self.origin + self.path(path))

    def sign_in(self, token: str):
        self.open("/sign-in")
        self.browser.type("#token", token + "\n")
        self.see("Sign out")

    def leave_for_members(self):
        """Where several organizations have a primary IdP, one says which; where there is one, a link is enough."""
        if "Team of your organization" in self.browser.text:
            self.browser.type("#team", "emea\n")
            self.see("Your organization signs people in with team hq.")
            self.browser.follow("Continue")
        else:
            self.browser.follow("Sign in as a member of your organization")

    def see(self, words: str):
        self.browser.until(lambda b: words in b.text, f"a page that says {words!r}")

    def run(self, script: str):
        return self.browser.do("POST", "/execute/sync", {"script": script, "args": []})

    def faults(self, paths: list[str], script: str, silent: bool = False) -> dict[str, list[str]]:
        """What a script finds wrong on each of these pages, and with `silent` what the browser complains of."""
        found = {}
        for path in paths:
            self.open(path)
            wrong = self.run(script) + (self.browser.complaints() if silent else [])
            if wrong:
                found[path] = wrong
        return found

    def size(self, width: int, height: int = 900):
        self.browser.do("POST", "/window/rect", {"width": width, "height": height})
        self.browser.do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def scheme(self, name: str):
        self.browser.do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": name}]}})


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    idp = DevIdP(folder, "alice@example.com:Alice", "bob@example.com:Bob")
    server = Server(folder).start()
    acme = Acme(server, idp)
    acme.idp, acme.proxy = idp, Proxy(server.url)
    acme.app(acme.emea, "wiki.localhost")
    person = CookieBrowser("alice@example.com")
    acme.root.result("POST", f"/accounts/{acme.emea}/access/apps", {
        "type": "self_hosted", "name": "Open <b>house</b>", "domain": "open.localhost", "policies": [{
            "name": "anybody", "decision": "allow", "include": [{"everyone": {}}]}]})
    acme.root.result("POST", f"/organizations/{acme.organization}/members", {"member": {
        "user": {"email": "alice@example.com"}, "role": "super_administrator", "status": "active"}})
    acme.person = person
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


@pytest.fixture
def console(acme, tmp_path):
    browser = Chromium(tmp_path)
    yield Console(browser, acme)
    browser.stop()


@pytest.fixture
def signed_in(console, acme):
    console.sign_in(acme.server.root_token)
    return console


def test_every_page_renders_in_silence(signed_in):
    assert signed_in.faults(PAGES, OUTLINE, silent=True) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(signed_in, scheme):
    signed_in.scheme(scheme)
    assert signed_in.faults(PAGES, CONTRAST) == {}


def test_on_a_phone_nothing_is_cut_off(signed_in):
    signed_in.size(390)
    assert signed_in.faults(PAGES, OUTLINE) == {}
    signed_in.open("/")
    signed_in.browser.click(".menu > summary")
    assert "Drift" in signed_in.browser.text


def test_names_of_strangers_are_text(signed_in, acme):
    account = acme.root.result("POST", "/accounts", {
        "name": "<img src=x onerror=alert(1)>", "unit": {"id": acme.organization}})["id"]
    signed_in.open(f"/accounts/{account}")
    assert "<img src=x onerror=alert(1)>" in signed_in.browser.text
    assert signed_in.run("return document.images.length") == 0
    assert signed_in.browser.complaints() == []
    acme.root.result("DELETE", f"/accounts/{account}")


def test_one_click_bridges_an_account(signed_in, acme):
    account = acme.root.result("POST", "/accounts", {"name": "apac", "standalone": True})["id"]
    acme.root.result("POST", f"/accounts/{account}/move", {"destination_organization_id": acme.organization})
    acme.root.result("DELETE", f"/accounts/{account}/access/idp_bridge")
    signed_in.open(f"/accounts/{account}")
    signed_in.browser.click("#bridge form button")
    signed_in.see("apac is bridged: people sign in with Acme login.")
    state = acme.root.result("GET", f"/accounts/{account}/access/idp_bridge")
    assert state["connection_id"] and state["login_url"]
    signed_in.open(f"/accounts/{account}")
    assert "apac is bridged" not in signed_in.browser.text
    acme.root.result("DELETE", f"/accounts/{account}")


def test_a_drift_is_mended_with_one_click(signed_in, acme):
    signed_in.open(f"/organizations/{acme.organization}/drift")
    assert "Policy admits everyone: anybody" in signed_in.browser.text
    signed_in.browser.click('form:has(input[value="policy_everyone"]) button')
    signed_in.see("Mended in emea")
    assert "No account has drifted" in signed_in.browser.text
    coverage = acme.root.result("GET", f"/accounts/{acme.emea}/access/idp_coverage")
    assert "policy_everyone" not in [drift["kind"] for drift in coverage["drift"]]


def test_the_wizard_discovers_tests_and_saves(signed_in, acme):
    organization = acme.root.result("POST", "/organizations", {"name": "Beta"})["id"]
    account = acme.root.result("POST", "/accounts", {"name": "beta main", "unit": {"id": organization}})["id"]
    signed_in.open(f"/organizations/{organization}/primary-idp")
    signed_in.browser.type("#f-issuer", "http://127.0.0.1:1\n")
    signed_in.see("This issuer cannot be used")
    assert signed_in.run("return document.getElementById('f-issuer').getAttribute('aria-invalid')") == "true"
    assert signed_in.run("return document.getElementById('f-issuer').value") == "http://127.0.0.1:1"
    signed_in.run("document.getElementById('f-issuer').value = ''")
    signed_in.browser.type("#f-issuer", acme.idp.issuer + "\n")
    signed_in.see("Found at " + acme.idp.issuer)
    assert acme.root.result("GET", f"/accounts/{account}")["name"] == "beta main"
    signed_in.browser.type("#f-client_id", "orgd")
    signed_in.browser.type("#f-client_secret", "secret\n")
    signed_in.see("Company login is the primary IdP: 1 of 1 account can use it.")
    primary = acme.root.result("GET", f"/organizations/{organization}/primary_idp")
    assert primary["account_id"] == account and primary["mode"] == "report"
    assert signed_in.browser.complaints() == []
    # Enforcing shows first what it would do.
    signed_in.browser.click("#f-force")
    signed_in.browser.click('form[action$="/mode"] button')
    signed_in.see("What would happen")
    assert acme.root.result("GET", f"/organizations/{organization}/primary_idp")["mode"] == "report"
    signed_in.browser.click("button.danger")
    signed_in.see("The primary IdP is enforced.")
    assert acme.root.result("GET", f"/organizations/{organization}/primary_idp")["mode"] == "enforce"


def test_an_account_is_made_and_deleted_by_keyboard_alone(signed_in, acme):
    keys = {"tab": "\ue004", "enter": "\ue007", "shift": "\ue008"}

    def press(*names):
        actions = [step for name in names for step in (
            {"type": "keyDown", "value": keys[name]}, {"type": "keyUp", "value": keys[name]})]
        signed_in.browser.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def reach(what: str):
        for _ in range(80):
            press("tab")
            if signed_in.run(f"return document.activeElement.matches({what!r})"):
                return
        raise AssertionError(f"no way to {what} by keyboard")

    signed_in.open("/accounts/new")
    press("tab")
    assert signed_in.run("return document.activeElement.className") == "skip"
    reach("#f-name")
    signed_in.browser.type("#f-name", "by keyboard")
    reach("main button[type=submit]")
    press("enter")
    signed_in.see("Account by keyboard was created.")
    account = signed_in.browser.url.rsplit("/", 1)[1]
    signed_in.open(f"/accounts/{account}/settings")
    reach('form[action$="/delete"] button')
    press("enter")
    signed_in.see("What would happen")
    reach("button.danger")
    press("enter")
    signed_in.see("by keyboard was deleted.")


def test_without_script_everything_works(console, acme):
    console.browser.do("POST", "/goog/cdp/execute", {
        "cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": True}})
    console.sign_in(acme.server.root_token)
    console.open(f"/organizations/{acme.organization}/settings")
    console.browser.type("#f-profile-business_name", "Acme Limited")
    console.browser.click("main form button")
    console.see("The settings were saved.")
    assert acme.root.result("GET", f"/organizations/{acme.organization}")["profile"]["business_name"] == "Acme Limited"


def test_a_token_of_one_account_sees_that_account_alone(console, acme):
    console.sign_in(account_token(acme.root, acme.emea, "emea alone", "Account Settings Read"))
    assert "emea" in console.browser.text and "hq" not in console.browser.text
    for path in PAGES:
        if "{hq}" in path or "{organization}" in path:
            console.open(path)
            assert "Nothing is here" in console.browser.text, path
    console.open("/accounts/{emea}/settings")
    assert console.run("return document.querySelectorAll('main form').length") == 0


def test_a_member_signs_in_through_the_primary_identity_provider(console, acme):
    console.open("/organizations/{organization}/members")
    console.leave_for_members()
    console.see("alice@example.com")
    console.browser.click('button[value="alice@example.com"]')
    console.see("Sign out")
    assert console.browser.url == console.origin + console.path("/organizations/{organization}/members")
    assert "alice@example.com" in console.browser.text
    assert console.browser.complaints() == []
    # The rights are those of the membership: the session ends with it.
    members = acme.root.result("GET", f"/organizations/{acme.organization}/members")
    member = next(item for item in members if item["user"]["email"] == "alice@example.com")
    other = acme.root.result("POST", f"/organizations/{acme.organization}/members", {"member": {
        "user": {"email": "carol@example.com"}, "role": "super_administrator", "status": "active"}})
    acme.root.result("PATCH", f"/organizations/{acme.organization}/members/{member['id']}", {"status": "canceled"})
    console.open("/accounts")
    console.see("Your session has ended")
    acme.root.result("PATCH", f"/organizations/{acme.organization}/members/{member['id']}", {"status": "active"})
    acme.root.result("DELETE", f"/organizations/{acme.organization}/members/{other['id']}")


def test_who_is_no_member_is_not_let_in(console, acme):
    console.open("/sign-in")
    console.leave_for_members()
    console.see("bob@example.com")
    console.browser.click('button[value="bob@example.com"]')
    console.see("You are no member here")
    console.open("/accounts")
    console.see("API token")
