"""Organizations with something of every kind in them, for tests that need a populated server."""

from dataclasses import dataclass, field

from server import API, Server


def oidc_provider(name: str, host: str = "idp.example.org") -> dict:
    """A generic OpenID Connect provider that nobody asks anything in these tests."""
    return {
        "name": name, "type": "oidc",
        "config": {
            "client_id": "client-1", "client_secret": "s3cret", "auth_url": f"https://{host}/authorize",
            "token_url": f"https://{host}/token", "certs_url": f"https://{host}/keys",
            "issuer": f"https://{host}",
        },
    }


def groups_of(api: API, *names: str) -> list[dict]:
    """Permission groups by name; every one of them without names."""
    known = api.result("GET", "/user/tokens/permission_groups")
    return [{"id": group["id"]} for group in known if not names or group["name"] in names]


def account_token(api: API, account: str, name: str, *permissions: str) -> str:
    """A token that holds every account permission on one account and nothing else, or just the named ones."""
    known = api.result("GET", f"/accounts/{account}/tokens/permission_groups")
    chosen = [
        {"id": group["id"]} for group in known
        if any(scope.startswith("com.cloudflare.api.account") for scope in group["scopes"])
        and (not permissions or group["name"] in permissions)
    ]
    made = api.result("POST", f"/accounts/{account}/tokens", {
        "name": name,
        "policies": [{
            "effect": "allow", "permission_groups": chosen,
            "resources": {f"com.cloudflare.api.account.{account}": "*"},
        }],
    })
    return made["value"]


@dataclass
class World:
    """What `populate` made. Every name holds the marker, so that a leak is visible in any byte of an answer."""

    marker: str
    organization: str
    account: str
    token: str
    ids: dict = field(default_factory=dict)


def populate(server: Server, marker: str) -> World:
    """One organization with one account and one resource of every kind in it."""
    root = API(server, server.root_token)
    team = marker.lower()
    organization = root.result("POST", "/organizations", {"name": f"{marker} organization", "profile": {
        "business_name": marker, "business_email": f"{team}@example.com", "business_phone": "1",
        "business_address": marker, "external_metadata": marker}})["id"]
    account = root.result("POST", "/accounts", {"name": f"{marker} account", "unit": {"id": organization}})["id"]
    token = account_token(root, account, f"{marker} token")
    a, o = f"/accounts/{account}", f"/organizations/{organization}"
    access = f"{a}/access"
    ids = {"organization_id": organization, "account_id": account}

    organization_member = root.result("POST", f"{o}/members", {"member": {"user": {"email": f"lead@{team}.example"}}})
    role = root.result("GET", f"{a}/roles")[0]["id"]
    member = root.result("POST", f"{a}/members", {"email": f"member@{team}.example", "roles": [role]})["id"]
    ids |= {"member_id": member, "organization_member_id": organization_member["id"], "role_id": role}
    ids["token_id"] = root.result("GET", f"{a}/tokens")[0]["id"]
    group = root.result("GET", f"{a}/tokens/permission_groups", params={"name": "Account Settings Read"})[0]["id"]
    ids["permission_group_id"] = group
    ids["user_token_id"] = root.result("POST", "/user/tokens", {"name": f"{marker} own", "policies": [{
        "effect": "allow", "permission_groups": [{"id": group}],
        "resources": {f"com.cloudflare.api.account.{account}": "*"}}]})["id"]

    root.result("POST", f"{access}/organizations", {"name": f"{marker} team", "auth_domain": f"{team}.access.localhost"})
    provider = root.result("POST", f"{access}/identity_providers", oidc_provider(f"{marker} login"))["id"]
    grant = root.result("POST", f"{access}/idp_federation_grants", {"idp_id": provider})["id"]
    other = root.result("POST", "/accounts", {"name": f"{marker} second", "unit": {"id": organization}})["id"]
    share = root.result("POST", f"{a}/shares", {
        "name": f"{marker} share",
        "resources": [{"meta": {"note": marker}, "resource_account_id": account, "resource_id": grant,
                       "resource_type": "idp-federation-grant"}],
        "recipients": [{"recipient_account_id": other}]})["id"]
    ids |= {
        "identity_provider_id": provider, "grant_id": grant, "share_id": share,
        "recipient_id": root.result("GET", f"{a}/shares/{share}/recipients")[0]["id"],
        "resource_id": root.result("GET", f"{a}/shares/{share}/resources")[0]["id"],
    }

    root.result("POST", f"{o}/primary_idp", {"account_id": account, "idp_id": provider})

    tag = root.result("POST", f"{access}/tags", {"name": f"{marker} tag"})["name"]
    ids["tag_name"] = tag
    ids["group_id"] = root.result("POST", f"{access}/groups", {
        "name": f"{marker} group", "include": [{"email_domain": {"domain": f"{team}.example"}}]})["id"]
    rules = {"decision": "allow", "include": [{"email": {"email": f"a@{team}.example"}}]}
    ids["reusable_policy_id"] = root.result("POST", f"{access}/policies", {"name": f"{marker} reusable", **rules})["id"]
    app = root.result("POST", f"{access}/apps", {
        "type": "self_hosted", "name": f"{marker} app", "domain": f"app.{team}.example", "tags": [tag]})["id"]
    ids["app_id"] = app
    ids["policy_id"] = root.result("POST", f"{access}/apps/{app}/policies", {"name": f"{marker} policy", **rules})["id"]
    ids["bookmark_id"] = root.result("POST", f"{access}/apps", {
        "type": "bookmark", "name": f"{marker} bookmark", "domain": f"mark.{team}.example"})["id"]
    ids["saas_app_id"] = root.result("POST", f"{access}/apps", {
        "type": "saas", "name": f"{marker} saas",
        "saas_app": {"auth_type": "oidc", "redirect_uris": [f"https://{team}.example/callback"]}})["id"]
    ids["mcp_portal_id"] = root.result("POST", f"{access}/apps", {
        "type": "mcp_portal", "name": f"{marker} portal", "domain": f"portal.{team}.example"})["id"]
    ids["mcp_server_id"] = root.result("POST", f"{access}/apps", {
        "type": "mcp", "name": f"{marker} tools", "domain": f"tools.{team}.example"})["id"]
    ids["custom_page_id"] = root.result("POST", f"{access}/custom_pages", {
        "name": f"{marker} page", "type": "forbidden", "custom_html": f"<p>{marker}</p>"})["uid"]
    ids["service_token_id"] = root.result("POST", f"{access}/service_tokens", {"name": f"{marker} machine"})["id"]
    ids["user_id"] = root.result("POST", f"{access}/users", {"email": f"user@{team}.example", "name": marker})["id"]
    ids["policy_test_id"] = root.result(
        "POST", f"{access}/policy-tests", {"policies": [ids["reusable_policy_id"]]})["id"]
    # A client and grants come from programs, which this world has none of.
    ids["client"] = "00000000-0000-4000-8000-000000000000"
    rows = root.result("GET", f"{a}/logs/audit", params={"since": "2020-01-01", "before": "2100-01-01"})
    ids["audit_id"] = rows[0]["id"]
    return World(marker, organization, account, token, ids)
