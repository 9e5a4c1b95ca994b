"""Who signed in, and how that ends: the log of logins, sessions and revocations of a real server, by orgctl."""

import json
import os
import signal
import subprocess

import pytest

from people import Acme, CookieBrowser, DevIdP, Proxy
from server import ORGD, PATIENCE, Server

ORGCTL = ORGD.parent / "orgctl"


@pytest.fixture(scope="module")
def acme(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("orgd")
    idp = DevIdP(folder, "alice@example.com:Alice:groups=staff", "bob@example.com:Bob:groups=staff")
    server = Server(folder).start()
    acme = Acme(server, idp)
    acme.proxy = Proxy(server.url)
    acme.app(acme.emea, "wiki.localhost", include=[{"email": {"email": "alice@example.com"}}])
    yield acme
    acme.proxy.stop()
    idp.stop()
    assert server.stop() == 0, server.log_tail()


@pytest.fixture(scope="module")
def environment(acme, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    login = [str(ORGCTL), "login", "--url", acme.server.url, "--token-file", str(acme.server.database.parent / "bootstrap-token")]
    subprocess.run(login, check=True, env=environment, capture_output=True, timeout=PATIENCE)
    return environment


@pytest.fixture
def orgctl(environment):
    def run(*arguments, status=0):
        done = subprocess.run(
            [str(ORGCTL), *arguments, "--account", "emea"], capture_output=True, text=True, timeout=PATIENCE, env=environment)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def signs_in(acme, user="alice"):
    browser = CookieBrowser(user)
    return browser, browser.open(acme.proxy.url("wiki.localhost"))


def test_the_log_says_who_was_let_in_and_who_was_not(acme, orgctl):
    assert signs_in(acme)[1].status == 200
    assert signs_in(acme, "bob")[1].status == 403
    rows = json.loads(orgctl("logs", "-o", "json").stdout)
    logins = [(row["user_email"], row["allowed"], row["reason"]) for row in rows if row["app_domain"] == "wiki.localhost"]
    assert ("alice@example.com", True, "") in logins and ("bob@example.com", False, "denied") in logins
    assert all(row["connection"] == "oidc" for row in rows)
    table = orgctl("logs", "--allowed", "false").stdout
    assert "bob@example.com" in table and "alice@example.com" not in table
    assert orgctl("logs", "--email", "alice", "-o", "csv").stdout.startswith("time,action,allowed,email")
    assert "No logins" in orgctl("logs", "--country", "XX").stderr


def test_following_prints_each_login_once_and_ends_with_ctrl_c(acme, environment):
    follower = subprocess.Popen(
        [str(ORGCTL), "logs", "--follow", "--interval", "1", "-o", "json", "--account", "emea", "--email", "alice"],
        stdout=subprocess.PIPE, text=True, env=environment)
    try:
        # Logs in until the follower has seen one: it begins with what comes after its start.
        signs_in(acme)
        lines = []
        while not lines:
            signs_in(acme)
            line = follower.stdout.readline()
            assert line, "the follower ended"
            lines.append(line)
        follower.send_signal(signal.SIGINT)
        rest, _ = follower.communicate(timeout=PATIENCE)
        lines += rest.splitlines(keepends=True)
        assert follower.returncode == 0
        assert len({json.loads(line)["created_at"] for line in lines}) == len(lines)
    finally:
        if follower.poll() is None:
            follower.kill()


def test_sessions_are_listed_and_end(acme, orgctl):
    browser, shown = signs_in(acme)
    assert shown.status == 200
    sessions = json.loads(orgctl("session", "list", "--user", "alice@example.com", "-o", "json").stdout)
    assert sessions and {"Wiki"} == {name for session in sessions for name in session["apps"]}
    assert "alice@example.com" in orgctl("session", "list").stdout
    orgctl("user", "revoke", "alice@example.com", "--yes")
    assert json.loads(orgctl("session", "list", "--user", "alice@example.com", "-o", "json").stdout) == []
    # Not even the session at the source brings anybody back within the minute.
    assert browser.open(acme.proxy.url("wiki.localhost")).status == 403
    reasons = {row["reason"] for row in json.loads(orgctl("logs", "--allowed", "false", "-o", "json").stdout)}
    assert "revoked" in reasons


def test_help(orgctl):
    assert "--follow" in orgctl("logs", "--help").stdout
    assert "revoke" in orgctl("session", "--help").stdout
    assert "revoke" in orgctl("user", "--help").stdout
