"""People sign in to a real server: over the bridge, with a code by mail, with a reason, while keys change."""

import concurrent.futures
import threading
import time

import httpx
import pytest

from people import Acme, CookieBrowser, DevIdP, Evaluator, Mailbox, Proxy
from server import Server


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    idp = DevIdP(folder, "alice@example.com:Alice:groups=eng", "bob@example.com:Bob", "eve@evil.test:Eve")
    server = Server(folder, "--mail", f"file:{folder / 'mail'}").start()
    acme = Acme(server, idp)
    acme.idp, acme.mailbox, acme.proxy = idp, Mailbox(folder / "mail"), Proxy(server.url)
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


def test_a_person_of_a_recipient_signs_in_over_the_bridge(acme):
    acme.app(acme.emea, "bridge.localhost")
    browser = CookieBrowser()
    shown = browser.open(acme.proxy.url("bridge.localhost", "/page?x=1&y=%20"))
    assert shown.status == 200 and "alice@example.com" in shown.text, shown.text
    assert shown.url == acme.proxy.url("bridge.localhost", "/page?x=1&y=%20")
    # The next application needs nobody to do anything.
    acme.app(acme.emea, "second.localhost", "Second")
    browser.user = "bob"
    assert "alice@example.com" in browser.open(acme.proxy.url("second.localhost")).text


def test_who_is_not_admitted_gets_a_page_that_helps(acme):
    acme.app(acme.emea, "closed.localhost", "Closed", include=[{"email": {"email": "bob@example.com"}}])
    browser = CookieBrowser()
    shown = browser.open(acme.proxy.url("closed.localhost"))
    assert shown.status == 403 and "alice@example.com" in shown.text and "Use another account" in shown.text
    assert "default-src 'none'" in shown.header("content-security-policy")


def test_a_code_by_mail_signs_in(acme):
    account = acme.account("mail")
    pin = acme.root.result("POST", f"/accounts/{account}/access/identity_providers", {
        "name": "Code", "type": "onetimepin", "config": {}})["id"]
    acme.app(account, "pin.localhost", "Pin", allowed_idps=[pin])
    browser = CookieBrowser()
    state = browser.open(acme.proxy.url("pin.localhost")).hidden("state")
    team = acme.team("mail", "/cdn-cgi/access/pin")
    page = browser.open(team, "POST", {"state": state, "email": "ann@example.com"})
    assert "Check your mail" in page.text
    code = acme.mailbox.code("ann@example.com")
    wrong = "000000" if code != "000000" else "000001"
    assert browser.open(team + "/verify", "POST", {"state": state, "code": wrong}).status == 403
    shown = browser.open(team + "/verify", "POST", {"state": state, "code": code})
    assert shown.status == 200 and "ann@example.com" in shown.text
    # Who could not come in anyway gets no mail, and the same page.
    other = CookieBrowser()
    state = other.open(acme.proxy.url("pin.localhost")).hidden("state")
    told = other.open(team, "POST", {"state": state, "email": "eve@evil.test"})
    assert told.text.replace("eve@evil.test", "").split("Check your mail")[1].split("state")[0] == \
        page.text.replace("ann@example.com", "").split("Check your mail")[1].split("state")[0]
    assert not any("eve@evil.test" in path.read_text() for path in acme.mailbox.folder.glob("*.eml"))


def test_a_reason_and_the_word_of_another(acme):
    acme.app(acme.hq, "asked.localhost", "Asked", policy={
        "purpose_justification_required": True, "approval_required": True,
        "approval_groups": [{"approvals_needed": 1, "email_addresses": ["bob@example.com"]}]})
    alice, bob = CookieBrowser("alice"), CookieBrowser("bob")
    page = alice.open(acme.proxy.url("asked.localhost", "/a"))
    waiting = alice.open(acme.team("hq", "/cdn-cgi/access/purpose"), "POST", {
        "ticket": page.hidden("ticket"), "purpose": "because"})
    assert "Waiting for approval" in waiting.text
    assert "because" in acme.mailbox.letter("bob@example.com")
    approvals = acme.team("hq", "/cdn-cgi/access/approvals")
    listed = bob.open(approvals)
    assert "because" in listed.text
    done = bob.open(approvals, "POST", {
        "token": listed.hidden("token"), "request": listed.hidden("request"), "answer": "approve"})
    assert "Approved." in done.text
    again = waiting.text.split('href="/cdn-cgi/access/resume')[1].split('"')[0].replace("&amp;", "&")
    shown = alice.open(acme.team("hq", "/cdn-cgi/access/resume" + again))
    assert shown.status == 200 and "alice@example.com" in shown.text


def test_the_launcher_lists_what_may_be_opened(acme):
    acme.app(acme.hq, "open.localhost", "Open to all")
    acme.app(acme.hq, "shut.localhost", "Shut", include=[{"email": {"email": "bob@example.com"}}])
    text = CookieBrowser().open(acme.team("hq")).text
    assert "Open to all" in text and "Shut" not in text and "http://open.localhost" in text


def test_keys_change_while_many_people_sign_in(acme):
    acme.app(acme.emea, "busy.localhost", "Busy")

    def sign_in(number):
        shown = CookieBrowser("alice" if number % 2 else "bob").open(acme.proxy.url("busy.localhost"))
        return shown.status, shown.text

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        logins = [pool.submit(sign_in, number) for number in range(24)]
        acme.idp.rotate(keep=True)
        results = [login.result() for login in logins]
    # An unknown key is looked for once a minute, and the others of that minute find it there.
    assert [status for status, _ in results] == [200] * 24, results


def test_a_rule_asks_a_service_that_others_could_have_written(acme):
    service = Evaluator(acme.server.url, f"hq.access.localhost:{acme.port}")
    try:
        acme.app(acme.hq, "evaluated.localhost", "Evaluated", policy={"require": [service.rule()]})
        assert CookieBrowser().open(acme.proxy.url("evaluated.localhost")).status == 200
        assert service.asked[0]["identity"]["email"] == "alice@example.com"
        denied = CookieBrowser("bob").open(acme.proxy.url("evaluated.localhost"))
        assert denied.status == 403 and "Ask its owner" in denied.text
        # Slow, or on a network that the server keeps out of: no answer, said within seconds, and in the log.
        for host, rule in [("slow", service.rule("/slow")), ("inside", service.rule(url="https://10.1.2.3/")),
                           ("metadata", service.rule(url="https://169.254.169.254/latest"))]:
            acme.app(acme.hq, f"{host}.localhost", host, policy={"require": [rule]})
            began = time.monotonic()
            shown = CookieBrowser().open(acme.proxy.url(f"{host}.localhost"))
            assert shown.status == 403 and "did not answer" in shown.text, shown.text
            assert time.monotonic() - began < 30
        log = (acme.server.folder / "orgd.log").read_text()
        assert log.count('"evaluation_unreachable"') == 3, log
    finally:
        service.stop()


def test_revoked_people_are_out_with_the_next_request(acme):
    acme.app(acme.emea, "revoked.localhost", "Revoked")
    browser = CookieBrowser("bob")
    assert browser.open(acme.proxy.url("revoked.localhost")).status == 200
    acme.root.result("POST", f"/accounts/{acme.emea}/access/organizations/revoke_user", {"email": "bob@example.com"})
    assert browser.request(acme.proxy.url("revoked.localhost")).status == 302
    shown = browser.open(acme.proxy.url("revoked.localhost"))
    assert shown.status == 403 and "denied" in shown.text


def test_changes_hold_for_every_request_that_begins_after_their_answer_under_load(acme):
    host = "load.localhost"
    app = acme.app(acme.hq, host)
    path = f"/accounts/{acme.hq}/access/apps/{app}/policies"
    policy = acme.root.result("GET", path)[0]["id"]
    browser = CookieBrowser()
    assert browser.open(acme.proxy.url(host)).status == 200
    fields = {"X-Forwarded-Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET",
              "Cookie": f"CF_Authorization={browser.cookies[host]['CF_Authorization']}"}
    over, asked = threading.Event(), []

    def ask(client):
        begin = time.monotonic()
        status = client.get("/cdn-cgi/access/forward-auth", headers=fields).status_code
        asked.append((begin, time.monotonic(), status))
        return status

    def load():
        with httpx.Client(base_url=acme.server.url, timeout=60) as client:
            while not over.is_set():
                ask(client)

    def change(email):
        begin = time.monotonic()
        acme.root.result("PUT", f"{path}/{policy}", {
            "name": "staff", "decision": "allow", "include": [{"email": {"email": email}}]})
        return begin, time.monotonic()

    changes = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(load) for _ in range(8)]
        try:
            for number in range(12):
                email, status = [("bob@example.com", 403), ("alice@example.com", 200)][number % 2]
                changes.append((*change(email), status))
                # New connections go to each of the server's threads.
                for _ in range(6):
                    with httpx.Client(base_url=acme.server.url, timeout=60) as client:
                        assert ask(client) == status
            acme.root.result("POST", f"/accounts/{acme.hq}/access/apps/{app}/revoke_tokens")
            revoked = time.monotonic()
            for _ in range(6):
                with httpx.Client(base_url=acme.server.url, timeout=60) as client:
                    assert ask(client) in (302, 401)
        finally:
            over.set()
        for task in tasks:
            task.result()
    assert len(asked) > 200
    for index, (_, answered, status) in enumerate(changes):
        until = changes[index + 1][0] if index + 1 < len(changes) else None
        during = [found for begin, end, found in asked if begin > answered and until and end < until]
        assert set(during) <= {status}, (index, set(during))
    assert 200 not in {status for begin, _, status in asked if begin > revoked}


def test_secrets_of_sign_ins_are_in_no_log_and_not_in_the_database(acme):
    browser = CookieBrowser()
    acme.app(acme.hq, "quiet.localhost", "Quiet")
    assert browser.open(acme.proxy.url("quiet.localhost")).status == 200
    values = [value for jar in browser.cookies.values() for value in jar.values()]
    assert len(values) >= 4
    files = [acme.server.folder / "orgd.log", *acme.server.database.parent.glob("orgd.sqlite*")]
    content = b"".join(path.read_bytes() for path in files)
    for value in values:
        assert value.encode() not in content


def test_pages_never_load_anything_from_elsewhere(acme):
    for path in ["/", "/cdn-cgi/access/callback", "/nothing"]:
        answer = httpx.get(f"http://127.0.0.1:{acme.port}{path}", headers={"Host": f"hq.access.localhost:{acme.port}"})
        if answer.status_code == 302:
            continue
        assert "<script" not in answer.text and "http://" not in answer.text.replace("http://hq.access", "")
