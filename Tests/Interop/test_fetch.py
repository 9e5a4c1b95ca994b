"""orgctl as an agent: fetch and access through a real proxy, and what administrators see and end."""

import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import stat
import subprocess
import threading
import urllib.parse

import httpx
import pytest

from agents import Site, loopback_names
from people import CookieBrowser
from proxies import Nginx
from server import ORGCTL, PATIENCE, eventually


@pytest.fixture(scope="module")
def site(built, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"), Nginx)
    yield site
    site.stop()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    loopback_names(monkeypatch)


@pytest.fixture
def orgctl(site, tmp_path):
    return Orgctl(site, tmp_path)


class Orgctl:
    """orgctl with a home of its own."""

    def __init__(self, site, home: pathlib.Path, **environment):
        self.home = home
        self.agent = home / "data" / "orgctl" / "agent"
        self.environment = {
            "HOME": str(home), "PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"), "ORGCTL_URL": site.server.url, "ORGCTL_ACCOUNT": site.acme.emea,
            "ORGCTL_TOKEN": site.server.root_token, **environment}

    def start(self, *arguments, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [str(ORGCTL), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment, **options)

    def run(self, *arguments, status=0, text=None) -> str:
        done = subprocess.run(
            [str(ORGCTL), *arguments], capture_output=True, text=True, timeout=PATIENCE, input=text, env=self.environment)
        self.error = done.stderr
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def asks(self, *arguments, user="alice", decision="allow", status=0) -> bytes:
        """A run during which a person is asked, and answers."""
        process = self.start(*arguments)
        said = []
        address = None
        for line in process.stderr:
            said.append(line.decode())
            if line.startswith(b"  http"):
                address = line.decode().strip()
                break
        assert address, said
        browser = CookieBrowser(user)
        redirect = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["redirect_uri"]

        def is_answer(url):
            return url.startswith(redirect)

        page = browser.open(address, stop=is_answer)
        if page.status == 200:
            self.consent = page.text
            target = urllib.parse.urljoin(page.url, "/cdn-cgi/access/oauth/consent")
            page = browser.request(target, "POST", {"ticket": page.hidden("ticket"), "decision": decision})
        assert is_answer(page.header("location")), (page.status, page.text)
        self.shown = httpx.get(page.header("location"))
        output, error = process.communicate(timeout=PATIENCE)
        self.error = "".join(said) + error.decode()
        assert process.returncode == status, (process.returncode, output, self.error)
        return output

    @property
    def secrets(self) -> list[str]:
        found = []
        for path in self.agent.glob("*.grant.json"):
            grant = json.loads(path.read_text())
            found += [grant["access_token"], grant["refresh_token"]]
        return found


def test_a_page_is_fetched_as_its_person(site, orgctl):
    body = orgctl.asks("fetch", "--no-browser", site.url("/docs/page?x=1"))
    answer = json.loads(body)
    assert answer["path"] == "/docs/page"
    claims = site.assertion(answer["headers"])
    assert claims["email"] == "alice@example.com" and claims["act"]["client_name"] == "orgctl"
    assert "close this window" in orgctl.shown.text and orgctl.shown.status_code == 200
    assert "default-src 'none'" in orgctl.shown.headers["content-security-policy"]
    # Later runs ask nobody, and say nothing of secrets.
    assert json.loads(orgctl.run("fetch", "--no-login", site.url("/docs/other")))["path"] == "/docs/other"
    for secret in orgctl.secrets:
        assert secret not in orgctl.error
    assert stat.S_IMODE(orgctl.agent.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in orgctl.agent.iterdir())


def test_requests_and_answers_in_every_form(site, orgctl, tmp_path):
    orgctl.asks("access", "login", "--no-browser", site.url("/docs"))
    sent = tmp_path / "body"
    sent.write_bytes(b"\x00\xff" * 1000)
    kept = tmp_path / "answer"
    url = site.url("/docs/form")
    assert orgctl.run("fetch", url, "-d", f"@{sent}", "-H", "Content-Type: application/octet-stream", "-o", str(kept)) == ""
    seen = [fields for path, fields in site.tools.requests if path == "/docs/form"][-1]
    assert seen["content-length"] == "2000" and seen["content-type"] == "application/octet-stream"
    assert json.loads(kept.read_text())["path"] == "/docs/form"
    shown = orgctl.run("fetch", url, "-i")
    assert shown.startswith("HTTP/1.1 200\n") and "\ncontent-type: application/json\n" in shown.lower()
    whole = json.loads(orgctl.run("fetch", url, "--json"))
    assert whole["status"] == 200 and json.loads(whole["body"])["path"] == "/docs/form"
    orgctl.run("fetch", url, "-H", "Authorization: Bearer x", status=64)
    orgctl.run("fetch", url, "-H", "no colon", status=64)
    orgctl.run("fetch", url, "-o", str(tmp_path / "no" / "folder"), status=73)


def test_scripts_get_tokens_and_curl_without_showing_them(site, orgctl, tmp_path):
    orgctl.run("access", "token", site.url("/docs"), status=77)
    assert "orgctl access login" in orgctl.error
    orgctl.asks("access", "login", "--no-browser", site.url("/docs/page"))
    token = orgctl.run("access", "token", site.url("/docs/page")).strip()
    assert token.startswith("oauth:")
    assert orgctl.run("access", "list", "--names").strip() == site.url("")
    listed = json.loads(orgctl.run("access", "list", "-o", "json"))
    assert listed[0]["issuer"] == site.issuer and token not in json.dumps(listed)
    # A curl that writes down how it was called, then is curl.
    real = subprocess.run(["which", "curl"], capture_output=True, text=True).stdout.strip()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "curl").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\nexec {real} --resolve "*:{site.proxy.port}:127.0.0.1" "$@"\n')
    (folder / "curl").chmod(0o755)
    orgctl.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
    answer = json.loads(orgctl.run(
        "access", "curl", site.url("/docs/page"), "--", "-sS", "--data-binary", "@-", text="from a pipe"))
    assert site.assertion(answer["headers"])["email"] == "alice@example.com"
    assert answer["headers"]["content-length"] == "11"
    words = (tmp_path / "words").read_text()
    assert token not in words and "--data-binary" in words
    # curl's own status is ours.
    orgctl.run("access", "curl", site.url("/docs/page"), "--", "-sS", "--no-such-option", status=2)


def test_an_ended_token_is_renewed_by_one_of_many(site, orgctl):
    orgctl.asks("access", "login", "--no-browser", site.url("/docs"))
    [path] = orgctl.agent.glob("*.grant.json")
    grant = json.loads(path.read_text())
    path.write_text(json.dumps({**grant, "expires_at": 1}))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        tokens = set(pool.map(lambda _: orgctl_token(orgctl, site), range(6)))
    assert len(tokens) == 1 and tokens != {grant["access_token"]}
    assert httpx.get(site.url("/docs"), headers={"Authorization": f"Bearer {tokens.pop()}"}).status_code == 200


def orgctl_token(orgctl, site):
    output, error = orgctl.start("access", "token", site.url("/docs")).communicate(timeout=PATIENCE)
    assert output, error
    return output.decode().strip()


def test_signing_out_ends_the_access_everywhere(site, orgctl):
    orgctl.asks("access", "login", "--no-browser", site.url("/docs"))
    token = orgctl.run("access", "token", site.url("/docs")).strip()
    orgctl.run("access", "logout", site.url("/docs"))
    assert httpx.get(site.url("/docs"), headers={"Authorization": f"Bearer {token}"}).status_code == 401
    orgctl.run("access", "token", site.url("/docs"), status=77)
    assert not list(orgctl.agent.glob("*.grant.json"))


def test_people_and_policies_say_no(site, orgctl):
    orgctl.asks("fetch", "--no-browser", site.url("/docs"), decision="deny", status=77)
    assert "access_denied" in orgctl.error and "did not work" in orgctl.shown.text
    orgctl.asks("fetch", "--no-browser", site.url("/docs"), user="eve", status=77)
    assert "access_denied" in orgctl.error
    orgctl.run("fetch", "--no-browser", "--timeout", "100ms", site.url("/docs"), status=77)
    assert "nobody signed in" in orgctl.error


def test_administrators_see_agents_and_end_them(site, orgctl):
    orgctl.asks("access", "login", "--no-browser", site.url("/docs"))
    table = orgctl.run("agents", "list", "--app", "Tools")
    assert "orgctl" in table and "GRANTS" in table
    rows = json.loads(orgctl.run("agents", "list", "-o", "json"))
    assert {"client_id", "client_name", "app_name", "grants"} <= set(rows[0])
    assert orgctl.run("agents", "list", "--user", "alice@example.com", "-o", "csv").startswith("id,client,client_id,application")
    orgctl.run("agents", "revoke", "nobody", "--yes", status=1)
    orgctl.run("agents", "revoke", json.loads(next(orgctl.agent.glob("*.grant.json")).read_text())["client_id"], "--yes")
    orgctl.run("fetch", "--no-login", site.url("/docs"), status=77)


def test_oauth_is_switched_with_a_look_at_what_changes(site, orgctl):
    orgctl.asks("access", "login", "--no-browser", site.url("/docs"))
    orgctl.run("app", "oauth", "disable", "Tools", status=1)
    assert "enabled: true → false" in orgctl.error and "grants" in orgctl.error
    assert orgctl.run("fetch", "--no-login", site.url("/docs"))
    orgctl.run("app", "oauth", "disable", "Tools", "--yes")
    assert httpx.get(site.url("/.well-known/oauth-protected-resource/docs")).status_code == 404
    orgctl.run("fetch", "--no-login", site.url("/docs"), status=77)
    orgctl.run("app", "oauth", "enable", "Tools", "--yes", "--access-token-lifetime", "5m")
    assert "grant.access_token_lifetime" in orgctl.error
    orgctl.asks("fetch", "--no-browser", site.url("/docs"))
    orgctl.run("app", "oauth", "enable", "Tools", "--yes", "--access-token-lifetime", "5m")
    assert "Nothing changes." in orgctl.error


class Liar:
    """A resource that says what it is told to say about itself."""

    def __init__(self, **described):
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                liar.seen.append((self.path, self.headers.get("Authorization")))
                if "well-known" in self.path:
                    body = json.dumps(liar.described).encode()
                    self.send_response(200)
                else:
                    body = b""
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", f'Bearer resource_metadata="{liar.url}/.well-known/oauth-protected-resource"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.seen: list = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.described = described
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.mark.parametrize(("described", "words"), [
    ({"resource": "https://bank.example.com/"}, "describes https://bank.example.com/"),
    ({"resource": "OWN", "authorization_servers": ["http://idp.example.com"]}, "without TLS"),
    ({"resource": "OWN", "authorization_servers": []}, "no authorization server"),
    ({"resource": "OWN", "authorization_servers": ["OWN"]}, "names no issuer"),
])
def test_a_resource_that_lies_gets_nothing(orgctl, site, described, words):
    liar = Liar()
    liar.described = json.loads(json.dumps(described).replace("OWN", liar.url))
    orgctl.run("fetch", "--no-browser", liar.url + "/x", status=76)
    assert words in orgctl.error
    assert all(authorization is None for _, authorization in liar.seen)
    liar.server.shutdown()


def test_nobody_there(orgctl):
    orgctl.run("fetch", "http://127.0.0.1:1/", status=69)
    orgctl.run("fetch", "nonsense", status=64)


class TestBrowser:
    """Programs on PATH that stand for a browser: they write down what they were told to open."""

    SCRIPT = '#!/bin/sh\nprintf "%s\\n" "$0" "$@" > "$OPENED.part" && mv "$OPENED.part" "$OPENED"\n'

    def install(self, folder: pathlib.Path, *names: str):
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(self.SCRIPT)
            (folder / name).chmod(0o755)

    def fetch(self, site, home, *flags, is_terminal=True, **environment):
        """What was opened, by which program, during a fetch that somebody then signs in for."""
        opened = home / "opened"
        self.install(home / "bin", "xdg-open", "firefox", "elinks")
        orgctl = Orgctl(
            site, home, OPENED=str(opened), **{"PATH": f"{home / 'bin'}:{os.environ['PATH']}", **environment})
        terminal, error = os.openpty() if is_terminal else os.pipe()
        process = subprocess.Popen(
            [str(ORGCTL), "fetch", site.url("/page"), *flags], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=error, env=orgctl.environment)
        os.close(error)
        said = b""
        while not (found := re.search(rb"^  (http\S+)\r?$", said, re.M)):
            said += os.read(terminal, 4096)
        address = found.group(1).decode()
        redirect = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["redirect_uri"]
        browser = CookieBrowser("alice")
        page = browser.open(address, stop=lambda url: url.startswith(redirect))
        target = urllib.parse.urljoin(page.url, "/cdn-cgi/access/oauth/consent")
        answer = browser.request(target, "POST", {"ticket": page.hidden("ticket"), "decision": "allow"})
        assert httpx.get(answer.header("location")).status_code == 200
        output, _ = process.communicate(timeout=PATIENCE)
        os.close(terminal)
        assert process.returncode == 0 and b"alice@example.com" in output, (process.returncode, output, said)
        if b"Waiting for a sign-in in the browser" not in said:
            return address, None, []
        eventually(opened.exists)
        program, *arguments = opened.read_text().splitlines()
        return address, pathlib.Path(program).name, arguments

    def test_the_desktops_browser_is_opened(self, site, tmp_path):
        address, program, arguments = self.fetch(site, tmp_path)
        assert program == "xdg-open" and arguments == [address]

    @pytest.mark.parametrize("variable, program, before, after", [
        ("firefox", "firefox", [], []), ("missing:elinks -dump:firefox", "elinks", ["-dump"], []),
        ("firefox --url %s --new", "firefox", ["--url"], ["--new"]), ("", "xdg-open", [], [])])
    def test_BROWSER_names_another(self, site, tmp_path, variable, program, before, after):
        address, opened, arguments = self.fetch(site, tmp_path, BROWSER=variable)
        assert opened == program and arguments == [*before, address, *after]

    def test_none_is_opened_where_there_is_none_or_nobody_looks(self, site, tmp_path):
        for number, (flags, options) in enumerate([
                ((), {"BROWSER": "missing"}), (("--no-browser",), {}), ((), {"is_terminal": False})]):
            home = tmp_path / str(number)
            home.mkdir()
            assert self.fetch(site, home, *flags, **options)[1] is None
            assert not (home / "opened").exists()

    def test_no_shell_reads_the_address_or_the_command(self, site, tmp_path):
        address, program, arguments = self.fetch(site, tmp_path, BROWSER=f"firefox $(touch {tmp_path}/ran) ;true")
        assert program == "firefox" and arguments == ["$(touch", f"{tmp_path}/ran)", ";true", address]
        assert not (tmp_path / "ran").exists()
