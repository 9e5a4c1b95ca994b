"""The command line against a server: names for identifiers, import, configuration as code, and exit statuses."""

import json
import os
import pathlib
import stat
import subprocess

import pytest

from server import ORGCTL, PATIENCE
from world import oidc_provider


@pytest.fixture(scope="module")
def orgctl(server, tmp_path_factory):
    """Runs orgctl with a profile of its own."""
    home = tmp_path_factory.mktemp("home")

    def run(*arguments, status=0, text=None, **environment):
        done = subprocess.run(
            [str(ORGCTL), *arguments], capture_output=True, text=True, timeout=PATIENCE, input=text,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), **environment})
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    run.home = home
    run("login", "--url", server.url, "--token-file", str(server.database.parent / "bootstrap-token"))
    return run


def rows(done) -> list:
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def acme(orgctl):
    """An organization with a source account and its primary identity provider."""
    orgctl("org", "create", "--name", "Acme")
    orgctl("account", "create", "--name", "Headquarters", "--org", "Acme")
    orgctl("zero-trust", "create", "--account", "Headquarters", "--name", "Acme", "--auth-domain", "acme.access.localhost")
    provider = oidc_provider("Login")
    orgctl("idp", "create", "json", "--account", "Headquarters", "--data", "-", text=json.dumps(provider))
    orgctl("primary-idp", "set", "--org", "Acme", "--account", "Headquarters", "--idp", "Login", "--yes")
    return "Acme"


def test_the_profile_is_private_and_the_token_is_never_printed(orgctl, server):
    profile = orgctl.home / "config" / "orgctl" / "config.json"
    assert stat.S_IMODE(profile.stat().st_mode) == 0o600
    shown = orgctl("whoami")
    assert server.root_token not in shown.stdout + shown.stderr


def test_names_stand_for_identifiers(orgctl, acme):
    shown = rows(orgctl("account", "show", "Headquarters", "-o", "json"))
    assert shown["name"] == "Headquarters"
    unknown = orgctl("account", "show", "Headquarter", status=1)
    assert "Headquarters" in unknown.stderr


def test_an_import_is_safe_to_repeat_and_names_bad_lines(orgctl, acme, tmp_path):
    table = tmp_path / "accounts.csv"
    table.write_text("name,team\nEMEA,emea\nAPAC,apac\n,nameless\nAmericas,amer\n")
    first = orgctl("account", "import", str(table), "--org", acme, status=1)
    assert f"{table}:4:" in first.stderr
    table.write_text("name,team\nEMEA,emea\nAPAC,apac\nAmericas,amer\nLabs,labs\n")
    orgctl("account", "import", str(table), "--org", acme)
    orgctl("account", "import", str(table), "--org", acme)
    names = [account["name"] for account in rows(orgctl("org", "accounts", acme, "-o", "json"))]
    assert sorted(names) == ["APAC", "Americas", "EMEA", "Headquarters", "Labs"]
    status = rows(orgctl("bridge", "status", "--org", acme, "-o", "json"))
    assert status["summary"]["bridged"] == 4 and status["summary"]["missing"] == 0


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_lists_come_in_three_forms(orgctl, acme, form):
    printed = orgctl("account", "list", "-o", form).stdout
    assert "Headquarters" in printed
    if form == "json":
        assert isinstance(json.loads(printed), list)


def test_a_question_without_a_terminal_is_answered_with_no(orgctl, acme):
    orgctl("account", "create", "--name", "Doomed", "--org", acme)
    refused = orgctl("account", "delete", "Doomed", status=1)
    assert "--yes" in refused.stderr
    orgctl("account", "delete", "Doomed", "--yes")


def test_export_plan_apply(orgctl, acme, root, tmp_path):
    account = next(a for a in root.result("GET", "/accounts") if a["name"] == "Headquarters")["id"]
    base = f"/accounts/{account}/access"
    root.result("POST", f"{base}/tags", {"name": "internal"})
    group = root.result("POST", f"{base}/groups", {"name": "Staff", "include": [{"email_domain": {"domain": "acme.example"}}]})
    policy = root.result("POST", f"{base}/policies", {
        "name": "Staff only", "decision": "allow", "include": [{"group": {"id": group["id"]}}]})
    root.result("POST", f"{base}/apps", {
        "type": "self_hosted", "name": "wiki", "domain": "wiki.acme.example", "tags": ["internal"], "policies": [policy["id"]],
        "session_duration": "8h"})
    root.result("POST", f"{base}/service_tokens", {"name": "robot"})

    document = tmp_path / "org.json"
    document.write_text(orgctl("export", "--org", acme).stdout)
    assert group["id"] not in document.read_text() and "s3cret" not in document.read_text()
    orgctl("plan", "--org", acme, "-f", str(document))

    wanted = json.loads(document.read_text())
    headquarters = next(a for a in wanted["accounts"] if a["name"] == "Headquarters")
    app = next(a for a in headquarters["apps"] if a["name"] == "wiki")
    app["session_duration"] = "2h"
    document.write_text(json.dumps(wanted))
    planned = orgctl("plan", "--org", acme, "-f", str(document), status=2)
    assert "session_duration" in planned.stdout
    orgctl("apply", "--org", acme, "-f", str(document), "--yes")
    orgctl("plan", "--org", acme, "-f", str(document))
    assert next(a for a in root.result("GET", f"{base}/apps") if a["name"] == "wiki")["session_duration"] == "2h"


def test_exit_statuses(orgctl, tmp_path, server):
    assert "sirve" in orgctl("sirve", status=64).stderr
    assert "--colour" in orgctl("account", "list", "--colour", status=64).stderr
    orgctl("account", "list", "--url", "http://127.0.0.1:1", status=69)
    wrong = tmp_path / "token"
    wrong.write_text("cfut_" + "x" * 48)
    orgctl("account", "list", "--token-file", str(wrong), status=77)
    orgctl("account", "import", str(tmp_path / "missing.csv"), status=66)


def test_help_everywhere(orgctl):
    assert orgctl("--help").stdout.count("\n") > 10
    assert "--token-file" in orgctl("login", "--help").stdout
    assert "COMPREPLY" in orgctl("completion", "bash").stdout
    assert pathlib.Path(ORGCTL).name in orgctl("--version").stdout


def test_the_audit_chain_is_whole(orgctl, acme):
    assert "whole" in orgctl("audit", "verify", "--org", acme).stdout


def test_an_unknown_name_is_named(orgctl, acme):
    refused = orgctl("idp", "show", "Nothing", "--account", "Headquarters", status=1)
    assert "Nothing" in refused.stderr and "fatal" not in refused.stderr.lower()


def test_explanations_name_the_rule_that_decides(orgctl, acme):
    orgctl("group", "create", "--name", "Office", "--include", "ip:10.0.0.0/8", "--account", "Headquarters")
    orgctl("policy", "create", "--name", "At the office", "--decision", "allow", "--include", "group:Office",
           "--require", "email_domain:example.org", "--account", "Headquarters")
    orgctl("app", "create", "--domain", "explained.acme.example", "--name", "explained", "--policy", "At the office",
           "--account", "Headquarters")
    ask = ["app", "explain", "explained", "--account", "Headquarters", "--email", "ann@example.org"]
    inside = orgctl(*ask, "--ip", "10.1.2.3")
    assert "include[0] group Office > include[0] ip is true" in inside.stdout and "decides" in inside.stdout
    outside = orgctl(*ask, "--ip", "192.0.2.1", status=1)
    assert "include[0] group Office is true" not in outside.stdout and "no match" in outside.stdout
    assert "cannot tell" in orgctl(*ask, status=1).stdout
    answer = json.loads(orgctl(*ask, "--ip", "10.1.2.3", "--group", "a", "--amr", "mfa", "-o", "json").stdout)
    assert answer["explanation"]["decision"] == "allow"
    assert answer["user_identity"]["groups"] == ["a"]
    orgctl("app", "explain", "explained", "--account", "Headquarters", "--ip", "nowhere", status=1)


def test_policies_are_tried_before_anybody_depends_on_them(orgctl, acme, tmp_path):
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps({"name": "Draft", "decision": "allow", "include": [{"everyone": {}}]}))
    orgctl("policy", "create", "--name", "Tried", "--decision", "deny", "--include", "email:bob@example.org",
           "--account", "Headquarters")
    found = json.loads(orgctl(
        "policy", "test", "Tried", "--draft", str(draft), "--account", "Headquarters", "-o", "json").stdout)
    assert found["status"] == "complete"
    assert found["total_users"] == found["users_approved"] + found["users_blocked"] + found["users_errored"]
    orgctl("policy", "test", "Tried", "--users", "all", "--account", "Headquarters")
    orgctl("policy", "test", "--account", "Headquarters", status=64)
