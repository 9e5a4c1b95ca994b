"""Configuration as code against a server: a plan after an apply or an export is empty, for every resource and field.

The document below sets every member of contract 20 that can be configured to something other than its default. The test
changes each of them on its own and follows the change through plan, apply and export.
"""

import copy
import json
import os
import subprocess

import pytest

from server import ORGCTL, PATIENCE

OIDC = {"client_id": "c-1", "client_secret": {"$env": "SECRET"}, "claims": ["department"], "email_claim_name": "mail"}

RULES = [
    {"email": {"email": "ann@example.org"}}, {"email_domain": {"domain": "example.org"}}, {"everyone": {}},
    {"group": {"id": "Staff"}}, {"ip": {"ip": "10.0.0.0/8"}}, {"geo": {"country_code": "PT"}},
    {"login_method": {"id": "Own"}}, {"auth_method": {"auth_method": "mfa"}},
    {"auth_context": {"id": "ctx", "ac_id": "c1", "identity_provider_id": "Entra"}},
    {"azureAD": {"id": "8a0c", "identity_provider_id": "Entra"}}, {"okta": {"name": "eng", "identity_provider_id": "Okta"}},
    {"gsuite": {"email": "eng@example.org", "identity_provider_id": "Workspace"}},
    {"github-organization": {"name": "acme", "team": "core", "identity_provider_id": "GitHub"}},
    {"saml": {"attribute_name": "a", "attribute_value": "b", "identity_provider_id": "SAML"}},
    {"oidc": {"claim_name": "role", "claim_value": "admin", "identity_provider_id": "Own"}},
    {"service_token": {"token_id": "ci"}}, {"any_valid_service_token": {}}, {"linked_app_token": {"app_uid": "crm"}},
    {"common_name": {"common_name": "host"}}, {"certificate": {}},
    {"user_risk_score": {"user_risk_score": ["low", "medium"]}},
    {"external_evaluation": {"evaluate_url": "https://e.example.org/", "keys_url": "https://e.example.org/keys"}},
    {"cloudflare_account_member": {"account_id": "Second"}},
]


def policy(name: str, **members) -> dict:
    return {"name": name, "decision": "allow", "include": [{"email_domain": {"domain": "example.org"}}], **members}


def document() -> dict:
    """Everything that can be configured, away from its default."""
    main = {
        "name": "Main", "type": "enterprise",
        "settings": {"abuse_contact_email": "abuse@example.org", "enforce_twofactor": True},
        "zero_trust": {
            "name": "Main", "auth_domain": "main.access.localhost", "session_duration": "12h",
            "auto_redirect_to_identity": True, "strict_service_token_auth": False, "deny_unmatched_requests": False,
            "deny_unmatched_requests_exempted_zone_names": ["example.org"],
            "login_design": {
                "background_color": "#112233", "text_color": "#445566", "logo_path": "https://example.org/l.png",
                "header_text": "Hello", "footer_text": "Bye"},
            "custom_pages": {"forbidden": "Forbidden", "identity_denied": "Denied"},
            "service_token_inactivity": {"enabled": True, "inactivity_threshold_days": 60, "action": "disable"},
            "user_seat_expiration_inactive_time": "1460h", "is_ui_read_only": True, "ui_read_only_toggle_reason": "code",
            "allow_authenticate_via_warp": True, "warp_auth_session_duration": "24h", "mfa_required_for_all_apps": True,
        },
        "keys": {"key_rotation_interval_days": 100},
        "federation_grants": ["Own"],
        "tags": [{"name": "blue"}, {"name": "a/1"}],
        "custom_pages": [
            {"name": "Denied", "type": "identity_denied", "custom_html": "<p>{{message}}</p>"},
            {"name": "Forbidden", "type": "forbidden", "custom_html": "<p>no</p>"},
        ],
        "identity_providers": [
            {"name": "Own", "type": "oidc", "config": {
                **OIDC, "auth_url": "https://idp.example.org/a", "token_url": "https://idp.example.org/t",
                "certs_url": "https://idp.example.org/k", "scopes": ["openid", "groups"], "pkce_enabled": True,
                "issuer": "https://idp.example.org", "id_token_signing_algs": ["ES256"]},
             "scim_config": {
                 "enabled": True, "user_deprovision": True, "seat_deprovision": True, "identity_update_behavior": "reauth"}},
            {"name": "Okta", "type": "okta", "config": {**OIDC, "okta_account": "https://acme.okta.com", "authorization_server_id": "aus1"}},
            {"name": "Entra", "type": "azureAD", "config": {
                **OIDC, "directory_id": "5ee11111-1111-1111-1111-111111111111", "support_groups": True, "prompt": "login", "conditional_access_enabled": True}},
            {"name": "Workspace", "type": "google-apps", "config": {**OIDC, "apps_domain": "example.org"}},
            {"name": "Google", "type": "google", "config": OIDC},
            {"name": "OneLogin", "type": "onelogin", "config": {**OIDC, "onelogin_account": "https://acme.onelogin.com"}},
            {"name": "Ping", "type": "pingone", "config": {**OIDC, "ping_env_id": "342b5660-0c32-4936-a5a4-ce21fae57b0a"}},
            {"name": "Centrify", "type": "centrify", "config": {**OIDC, "centrify_account": "https://acme.centrify.com", "centrify_app_id": "app"}},
            {"name": "GitHub", "type": "github", "config": {"client_id": "g", "client_secret": {"$env": "SECRET"}}},
            {"name": "SAML", "type": "saml", "config": {
                "issuer_url": "https://saml.example.org", "sso_target_url": "https://saml.example.org/sso",
                "idp_public_certs": ["MIIB"], "email_attribute_name": "mail", "attributes": ["a"], "sign_request": True}},
            {"name": "PIN", "type": "onetimepin", "config": {}},
            {"name": "Members", "type": "cloudflare", "config": {"restrict_to_account_members": True}},
        ],
        "service_tokens": [{"name": "ci", "duration": "720h", "enabled": True}, {"name": "ci", "duration": "forever", "enabled": False}],
        "groups": [
            {"name": "Staff", "include": [{"email": {"email": "b@example.org"}}], "exclude": [{"geo": {"country_code": "XX"}}], "is_default": True},
            {"name": "Staff", "include": [{"group": {"id": "Staff"}}]},
            {"name": "Everything", "include": RULES, "require": [{"everyone": {}}]},
        ],
        "policies": [
            policy("All selectors", include=RULES, exclude=RULES, require=RULES, session_duration="2h"),
            policy(
                "Approved", approval_required=True,
                approval_groups=[{"approvals_needed": 1, "email_addresses": ["boss@example.org"]}],
                purpose_justification_required=True, purpose_justification_prompt="Why?", isolation_required=True),
            policy("Machines", decision="non_identity", include=[{"service_token": {"token_id": "ci#2"}}]),
            policy("Open", decision="bypass", include=[{"ip": {"ip": "192.0.2.0/24"}}]),
            policy("Closed", decision="deny"),
        ],
        "apps": [
            {"name": "crm", "type": "saas", "tags": ["blue"], "policies": ["Closed"], "saas_app": {
                "auth_type": "oidc", "redirect_uris": ["https://crm.example.org/cb"],
                "grant_types": ["authorization_code", "refresh_tokens", "hybrid"], "scopes": ["openid", "email"],
                "access_token_lifetime": "10m", "refresh_token_options": {"lifetime": "2d"},
                "allow_pkce_without_client_secret": True, "group_filter_regex": "^eng",
                "custom_claims": [{"name": "dep", "required": True, "scope": "profile", "source": {"name": "department", "name_by_idp": {"Own": "dep"}}}],
                "hybrid_and_implicit_options": {"return_id_token_from_authorization_endpoint": True},
                "app_launcher_url": "https://crm.example.org/"}},
            {"name": "wiki", "type": "self_hosted", "domain": "wiki.example.org",
             "destinations": [
                 {"type": "public", "uri": "wiki.example.org"}, {"type": "public", "uri": "*.docs.example.org/path"},
                 {"type": "private", "cidr": "10.1.0.0/16", "port_range": "443", "l4_protocol": "tcp"}],
             "allowed_idps": ["Own"], "auto_redirect_to_identity": True, "session_duration": "6h",
             "policies": ["Approved", "All selectors"], "tags": ["blue", "a/1"], "app_launcher_visible": False,
             "logo_url": "https://example.org/l.png", "custom_deny_message": "no", "custom_deny_url": "https://example.org/no",
             "custom_non_identity_deny_url": "https://example.org/machine", "custom_pages": ["Denied"],
             "http_only_cookie_attribute": False, "same_site_cookie_attribute": "strict", "path_cookie_attribute": True,
             "enable_binding_cookie": True, "eager_redirect_cookie_setting": False, "service_auth_401_redirect": True,
             "read_service_tokens_from_header": "X-Token", "skip_interstitial": True, "allow_iframe": True,
             "allow_authenticate_via_warp": True,
             "cors_headers": {"allowed_origins": ["https://a.example.org"], "allowed_methods": ["GET"], "allow_all_headers": True, "allow_credentials": True, "max_age": 60}},
            {"name": "wiki", "type": "self_hosted", "domain": "second.example.org/Path", "options_preflight_bypass": True,
             "policies": [policy("one", session_duration="1h"), policy("two", decision="deny"), policy("one", include=[{"everyone": {}}])]},
            {"name": "agents", "type": "mcp", "destinations": [{"type": "public", "uri": "mcp.example.org"}],
             "oauth_configuration": {"enabled": True, "dynamic_client_registration": {
                 "enabled": False, "allow_any_on_localhost": False, "allow_any_on_loopback": False, "allowed_uris": ["https://agent.example.org/cb"]},
                 "grant": {"access_token_lifetime": "5m", "session_duration": "48h"}}},
            {"name": "portal", "type": "mcp_portal", "domain": "portal.example.org"},
            {"name": "link", "type": "bookmark", "domain": "https://link.example.org/", "tags": ["blue"], "logo_url": "https://example.org/b.png"},
            {"name": "App Launcher", "type": "app_launcher", "bg_color": "#101010", "header_bg_color": "#202020",
             "app_launcher_logo_url": "https://example.org/l.png", "footer_links": [{"name": "Help", "url": "https://example.org/help"}],
             "landing_page_design": {"title": "Hi", "message": "There", "button_color": "#303030"}, "skip_app_launcher_login_page": True},
        ],
    }
    second = {
        "name": "Second", "zero_trust": {"name": "Second", "auth_domain": "second.access.localhost"},
        "groups": [policy("Bridged", include=[{"login_method": {"id": "bridge:Own"}}])],
        "apps": [{"name": "mail", "type": "self_hosted", "domain": "mail.example.org", "allowed_idps": ["bridge:Own"]}],
    }
    for group in second["groups"]:
        group.pop("decision")
    # Through JSON, so that no two places of the document are one object.
    return json.loads(json.dumps({
        "version": 1,
        "organization": {"name": "Code", "profile": {
            "business_name": "Code Inc.", "business_email": "a@example.org", "business_phone": "1", "business_address": "Street",
            "external_metadata": "m"}},
        "primary_idp": {
            "account": "Main", "identity_provider": "Own", "mode": "report", "exempt_accounts": ["Third"],
            "break_glass_emails": ["root@example.org"]},
        "accounts": [main, second, {"name": "Third"}],
    }))


# Members whose other value has to follow a rule; everything else is changed by its type.
OTHER = {
    "mode": None, "type": None, "auth_type": None, "decision": None,
    "name": None, "forbidden": None, "identity_denied": None, "auto_redirect_to_identity": False, "session_duration": "3h", "warp_auth_session_duration": "48h",
    "user_seat_expiration_inactive_time": "2000h", "action": "delete", "identity_update_behavior": "automatic",
    "prompt": "select_account", "duration": "100h", "purpose_justification_prompt": "Really?", "lifetime": "3d",
    "access_token_lifetime": "7m", "same_site_cookie_attribute": "none", "l4_protocol": "udp", "port_range": "80",
    "cidr": "10.2.0.0/16", "scope": "email", "uri": "other.example.org", "$env": None, "required": False,
    "country_code": "ES", "auth_method": "pwd", "ip": "172.16.0.0/12", "identity_provider_id": None, "id": None,
    "token_id": None, "app_uid": None, "account_id": None, "account": None, "identity_provider": None,
    "abuse_contact_email": "other@example.org", "business_email": "b@example.org", "email": "other@example.org",
    "domain": None, "seat_deprovision": False, "user_deprovision": None, "version": None, "organization": None,
    "read_service_tokens_from_header": "X-Other", "custom_html": "<b>other</b>", "ping_env_id": None, "directory_id": "6ee11111-1111-1111-1111-111111111111",
    "allow_credentials": False, "options_preflight_bypass": False, "allow_all_headers": None, "dep": "other",
    "approvals_needed": None, "group_filter_regex": "^ops", "is_default": False, "isolation_required": False,
}


def places(value, path=()):
    """Every leaf of a document that the test knows how to change: its path and another value."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from places(member, (*path, key))
    elif isinstance(value, list):
        # The selectors are all there four times over; one list of them is enough.
        if len(value) == len(RULES) and path[-1] != "include":
            return
        for index, element in enumerate(value):
            yield from places(element, (*path, index))
    else:
        key = next(step for step in reversed(path) if isinstance(step, str))
        other = OTHER[key] if key in OTHER else different(value)
        if not isinstance(path[-1], str) or path[2:] == ("apps", 1, "destinations", 0, "uri"):
            # The elements of a list change with the list; a first destination has to stay what `domain` says.
            other = None
        if key == "auth_domain":
            other = f"moved-{path[1]}.access.localhost"
        if key == "uri" and other:
            other = f"other-{path[3]}.example.org"
        if other is not None:
            yield path, other


def different(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value.startswith("https://"):
        return value.rstrip("/") + "/other"
    if value.startswith("#"):
        return "#abcdef"
    return value + "x"


def set_at(document, path, value):
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


@pytest.fixture(scope="module")
def orgctl(server, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")

    def run(*arguments, text=None, status=0, **environment):
        done = subprocess.run(
            [str(ORGCTL), *arguments], capture_output=True, text=True, timeout=PATIENCE, input=text,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "SECRET": "s3cret", **environment})
        assert status is None or done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    run("login", "--url", server.url, "--token-file", str(server.database.parent / "bootstrap-token"))
    return run


@pytest.fixture(scope="module")
def applied(orgctl):
    """The document, applied once."""
    text = json.dumps(document())
    assert "secret" in orgctl("apply", "-f", "-", "--yes", text=text, status=65, SECRET="").stderr
    assert "0 failed" in orgctl("apply", "-f", "-", "--yes", text=text).stderr
    return document()


def assert_settled(orgctl, wanted, *flags):
    planned = orgctl("plan", "-f", "-", *flags, text=json.dumps(wanted), status=None)
    assert planned.returncode == 0, planned.stdout + planned.stderr


def test_a_plan_after_an_apply_is_empty(orgctl, applied):
    assert_settled(orgctl, applied)


def test_a_plan_after_an_export_is_empty_and_the_export_says_everything(orgctl, applied):
    exported = json.loads(orgctl("export", "--org", "Code").stdout)
    assert_settled(orgctl, exported, "--prune")
    assert "s3cret" not in json.dumps(exported)
    missing = [path for path, _ in leaves(applied) if not has(exported, applied, path)]
    assert missing == []


def leaves(value, path=()):
    if isinstance(value, dict) and "$env" not in value and value:
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from leaves(element, (*path, index))
    else:
        yield path, value


def has(exported, wanted, path) -> bool:
    """Whether the export has the same value; list elements of the outer lists are found by name."""
    for step in path:
        if isinstance(step, int) and isinstance(wanted[step], dict) and "name" in wanted[step] and "source" not in wanted[step]:
            name, earlier = wanted[step]["name"], sum(1 for other in wanted[:step] if other.get("name") == wanted[step]["name"])
            found = [element for element in exported if isinstance(element, dict) and element.get("name") == name]
            if len(found) <= earlier:
                return False
            exported = found[earlier]
        elif isinstance(exported, list):
            if step >= len(exported):
                return False
            exported = exported[step]
        else:
            if not isinstance(exported, dict) or step not in exported:
                return False
            exported = exported[step]
        wanted = wanted[step]
    return exported == wanted or (isinstance(wanted, dict) and "$env" in exported)


def test_every_field_is_seen_changed_and_settled(orgctl, applied):
    wanted = copy.deepcopy(applied)
    problems, changed = [], 0
    for path, other in list(places(applied)):
        before = copy.deepcopy(wanted)
        set_at(wanted, path, other)
        text, where = json.dumps(wanted), "/".join(map(str, path))
        planned = orgctl("plan", "-f", "-", text=text, status=None)
        if planned.returncode != 2:
            problems.append(f"{where}: the plan does not see {other!r}: {planned.stdout}{planned.stderr}")
            wanted = before
            continue
        done = orgctl("apply", "-f", "-", "--yes", text=text, status=None)
        if done.returncode != 0:
            problems.append(f"{where} = {other!r}: {done.stderr}")
            wanted = before
            continue
        after = orgctl("plan", "-f", "-", text=text, status=None)
        if after.returncode != 0:
            problems.append(f"{where} = {other!r}: not settled\n{after.stdout}{after.stderr}")
            wanted = before
        changed += 1
    assert problems == [], f"{changed} changed\n" + "\n".join(problems)
    assert changed > 120


def test_it_can_be_made_again_elsewhere(orgctl, applied, fresh):
    exported = json.loads(orgctl("export", "--org", "Code").stdout)
    elsewhere = fresh()
    environment = {"ORGCTL_TOKEN": elsewhere.root_token, "ORGCTL_URL": elsewhere.url}
    for account in exported["accounts"]:
        for provider in account.get("identity_providers", []):
            variable = provider["config"].get("client_secret", {}).get("$env")
            if variable:
                environment[variable] = "s3cret"
    text = json.dumps(exported)
    assert "0 failed" in orgctl("apply", "-f", "-", "--yes", text=text, **environment).stderr
    orgctl("plan", "-f", "-", "--prune", text=text, **environment)


def test_prune_deletes_what_the_file_leaves_out(orgctl, applied):
    exported = json.loads(orgctl("export", "--org", "Code").stdout)
    main = next(account for account in exported["accounts"] if account["name"] == "Main")
    main["apps"] = [app for app in main["apps"] if app["name"] != "wiki"]
    main["policies"] = [row for row in main["policies"] if row["name"] in ("Closed", "Open")]
    main["groups"] = []
    main["service_tokens"] = []
    text = json.dumps(exported)
    assert orgctl("plan", "-f", "-", text=text).stdout.startswith("No difference")
    assert orgctl("plan", "-f", "-", "--prune", text=text, status=2).stdout.count("\n- ") + 1 >= 9
    assert "0 failed" in orgctl("apply", "-f", "-", "--prune", "--yes", text=text).stderr
    orgctl("plan", "-f", "-", "--prune", text=text)
