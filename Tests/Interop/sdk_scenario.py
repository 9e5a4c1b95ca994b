"""One walk through every modelled method of the SDK, in the order in which a person would meet them.

A stage may fail without hiding the others: what each method did is noted, and `test_sdk.py` has a test for each.
"""

import pathlib
import shutil
import tempfile
import traceback
import uuid

from cloudflare import Cloudflare
from cloudflare.pagination import SyncSinglePage

from people import Acme, CookieBrowser, DevIdP
from sdk_surface import LENIENT
from server import Server
from world import oidc_provider

SPAN = {"since": "2020-01-01", "before": "2100-01-01"}


class Walk:
    def __init__(self, server: Server):
        self.server = server
        self.succeeded: set[str] = set()
        self.failed: dict[str, str] = {}
        self.client = self.client_with(server.root_token)
        self.lenient = self.client_with(server.root_token, strict=False)
        self.tick = 0

    def client_with(self, token: str, strict: bool = True) -> Cloudflare:
        """The SDK as anybody would set it up, with another address; answers must fit its types to the letter."""
        return Cloudflare(
            api_token=token, base_url=self.server.api, max_retries=0, timeout=60, _strict_response_validation=strict)

    def __call__(self, method: str, *arguments, client: Cloudflare | None = None, **options):
        """Calls a method by its dotted name and notes whether it worked. Lists are followed to their end."""
        target = client or (self.lenient if method in LENIENT else self.client)
        for name in method.split("."):
            target = getattr(target, name)
        try:
            answer = target(*arguments, **options)
            if hasattr(answer, "iter_pages"):
                answer = self.all_pages(answer)
        except Exception as problem:
            self.failed[method] = f"{type(problem).__name__}: {problem}"
            raise
        self.succeeded.add(method)
        return answer

    @staticmethod
    def all_pages(first) -> list:
        """Everything, as `for item in …list()` would see it: pages until one is empty."""
        if isinstance(first, SyncSinglePage):
            return list(first)
        items, pages = [], 0
        for page in first.iter_pages():
            pages += 1
            items += list(page._get_page_items())
            assert pages < 1000, "paging does not end"
        return items

    def name(self, what: str) -> str:
        self.tick += 1
        return f"{what} {self.tick}"

    def run(self) -> "Walk":
        for stage in STAGES:
            try:
                stage(self)
            except Exception:
                self.failed.setdefault(f"stage {stage.__name__}", traceback.format_exc(limit=4))
        return self

    # What later stages build on.

    def organization(self) -> str:
        return self.client.organizations.create(name=self.name("organization")).id

    def account(self, organization: str | None = None, access: bool = True) -> str:
        """An account in an organization, with Access set up in it."""
        owner = organization or self.organization()
        account = self.client.accounts.create(name=self.name("account"), unit={"id": owner}).id
        if access:
            self.client.zero_trust.organizations.create(
                account_id=account, name="team", auth_domain=f"team-{self.tick}.access.localhost")
        return account

    def token_policy(self, groups: list, account: str) -> dict:
        return {
            "effect": "allow", "permission_groups": [{"id": group.id} for group in groups],
            "resources": {f"com.cloudflare.api.account.{account}": "*"},
        }


STAGES = []


def stage(function):
    STAGES.append(function)
    return function


@stage
def organizations(walk: Walk):
    made = walk("organizations.create", name="Acme", profile={
        "business_name": "Acme Ltd", "business_email": "it@acme.example", "business_phone": "+351", "business_address": "Lisboa",
        "external_metadata": ""})
    below = walk("organizations.create", name="Acme EMEA", parent={"id": made.id})
    assert below.parent.id == made.id
    assert walk("organizations.get", made.id).name == "Acme"
    listed = walk("organizations.list", name={"contains": "acme"}, page_size=100)
    assert {made.id, below.id} <= {item.id for item in listed}
    listed = walk("organizations.list", parent={"id": made.id})
    assert [item.id for item in listed] == [below.id]
    assert walk("organizations.update", made.id, name="Acme Group").name == "Acme Group"
    profile = dict(business_name="Acme SA", business_email="it@acme.example", business_phone="1", business_address="Porto",
                   external_metadata="x")
    walk("organizations.organization_profile.update", made.id, **profile)
    assert walk("organizations.organization_profile.get", made.id).business_address == "Porto"
    rows = walk("organizations.logs.audit.list", made.id, limit=1, **SPAN)
    assert rows
    row = rows[0]
    walk("organizations.logs.audit.history", row.id, organization_id=made.id, action_time=row.action.time, **SPAN)
    assert walk("organizations.delete", below.id).id == below.id


@stage
def accounts(walk: Walk):
    organization = walk.organization()
    made = walk("accounts.create", name="EMEA", type="standard", unit={"id": organization})
    other = walk("accounts.create", name="APAC", unit={"id": organization})
    assert made.managed_by.parent_org_id == organization
    assert walk("accounts.get", account_id=made.id).name == "EMEA"
    listed = walk("accounts.list", per_page=1, direction="desc")
    assert {made.id, other.id} <= {item.id for item in listed}
    assert [item.id for item in walk("accounts.list", name="APA")] == [other.id]
    changed = walk("accounts.update", account_id=made.id, id=made.id, name="Europe", type="standard", settings={
        "enforce_twofactor": True})
    assert changed.name == "Europe" and changed.settings.enforce_twofactor is True
    assert walk("accounts.entitlements.list", account_id=made.id)
    assert walk("accounts.delete", account_id=other.id).id == other.id


@stage
def members(walk: Walk):
    account = walk.account(access=False)
    roles = walk("accounts.roles.list", account_id=account, per_page=3)
    assert len(roles) >= 10
    reader = next(role for role in roles if role.name == "Administrator Read Only")
    assert walk("accounts.roles.get", reader.id, account_id=account).permissions
    made = walk("accounts.members.create", account_id=account, email="ana@acme.example", roles=[reader.id], status="accepted")
    assert walk("accounts.members.get", made.id, account_id=account).user.email == "ana@acme.example"
    assert made.id in {item.id for item in walk("accounts.members.list", account_id=account, per_page=1, order="user.email")}
    viewer = next(role for role in roles if role.name == "Audit Logs Viewer")
    changed = walk("accounts.members.update", made.id, account_id=account, roles=[{"id": viewer.id}])
    assert [role.id for role in changed.roles] == [viewer.id]
    assert walk("accounts.members.delete", made.id, account_id=account).id == made.id
    me = walk("user.get").email
    walk.client.accounts.members.create(account_id=account, email=me, roles=[reader.id], status="accepted")
    assert account in {item.account.id for item in walk("memberships.list", per_page=1)}


@stage
def account_tokens(walk: Walk):
    account = walk.account(access=False)
    groups = walk("accounts.tokens.permission_groups.list", account_id=account)
    assert walk("accounts.tokens.permission_groups.get", account_id=account)
    chosen = [group for group in groups if group.name in ("Account Settings Read", "Account API Tokens Write")]
    assert len(chosen) == 2
    policy = walk.token_policy(chosen, account)
    made = walk("accounts.tokens.create", account_id=account, name="automation", policies=[policy], condition={
        "request_ip": {"in": ["127.0.0.0/8", "::1"]}}, expires_on="2099-01-01T00:00:00Z")
    assert made.value.startswith("cfat_")
    theirs = walk.client_with(made.value)
    assert walk("accounts.tokens.verify", account_id=account, client=theirs).status == "active"
    assert walk("accounts.tokens.get", made.id, account_id=account).name == "automation"
    assert made.id in {item.id for item in walk("accounts.tokens.list", account_id=account, per_page=1)}
    changed = walk("accounts.tokens.update", made.id, account_id=account, name="robot", policies=[policy], status="active")
    assert changed.name == "robot"
    value = walk("accounts.tokens.value.update", made.id, account_id=account)
    assert value != made.value
    assert walk("accounts.tokens.verify", account_id=account, client=walk.client_with(value)).id == made.id
    assert walk("accounts.tokens.delete", made.id, account_id=account).id == made.id


@stage
def user_tokens(walk: Walk):
    account = walk.account(access=False)
    groups = walk("user.tokens.permission_groups.list")
    chosen = [group for group in groups if group.name == "Account Settings Read"]
    policy = walk.token_policy(chosen, account)
    made = walk("user.tokens.create", name="laptop", policies=[policy])
    assert made.value.startswith("cfut_")
    assert walk("user.tokens.verify", client=walk.client_with(made.value)).status == "active"
    assert walk("user.tokens.get", made.id).name == "laptop"
    assert made.id in {item.id for item in walk("user.tokens.list", per_page=1)}
    assert walk("user.tokens.update", made.id, name="desktop", policies=[policy], status="disabled").status == "disabled"
    assert walk("user.tokens.value.update", made.id) != made.value
    assert walk("user.tokens.delete", made.id).id == made.id


@stage
def zero_trust_organization(walk: Walk):
    account = walk.account(access=False)
    made = walk("zero_trust.organizations.create", account_id=account, name="Acme", auth_domain="acme-sdk.access.localhost",
                session_duration="12h", login_design={"background_color": "#112233", "header_text": "Acme"})
    assert made.auth_domain == "acme-sdk.access.localhost"
    assert walk("zero_trust.organizations.list", account_id=account).session_duration == "12h"
    changed = walk("zero_trust.organizations.update", account_id=account, name="Acme", auth_domain="acme-sdk.access.localhost",
                   auto_redirect_to_identity=True)
    assert changed.auto_redirect_to_identity is True and changed.session_duration == "24h"
    walk("zero_trust.organizations.revoke_users", account_id=account, email="ana@acme.example")


@stage
def identity_providers(walk: Walk):
    account = walk.account()
    made = walk("zero_trust.identity_providers.create", account_id=account, **oidc_provider("Login"))
    pin = walk("zero_trust.identity_providers.create", account_id=account, name="PIN", type="onetimepin", config={})
    fetched = walk("zero_trust.identity_providers.get", made.id, account_id=account)
    assert set(fetched.config.client_secret) == {"*"}
    assert {made.id, pin.id} == {item.id for item in walk("zero_trust.identity_providers.list", account_id=account, per_page=1)}
    changed = walk("zero_trust.identity_providers.update", made.id, account_id=account, **oidc_provider("Sign in"))
    assert changed.name == "Sign in"
    assert walk("zero_trust.identity_providers.scim.users.list", made.id, account_id=account) == []
    assert walk("zero_trust.identity_providers.scim.groups.list", made.id, account_id=account) == []
    assert walk("zero_trust.identity_providers.delete", pin.id, account_id=account).id == pin.id


@stage
def the_bridge(walk: Walk):
    organization = walk.organization()
    source, first, second = walk.account(organization), walk.account(organization), walk.account(organization)
    provider = walk.client.zero_trust.identity_providers.create(account_id=source, **oidc_provider("Bridged")).id

    grant = walk("zero_trust.access.idp_federation_grants.create", account_id=source, idp_id=provider)
    assert walk("zero_trust.access.idp_federation_grants.get", grant.id, account_id=source).idp_id == provider
    assert walk("zero_trust.access.idp_federation_grants.list", account_id=source)

    resource = {"meta": {"note": "sdk"}, "resource_account_id": source, "resource_id": grant.id,
                "resource_type": "idp-federation-grant"}
    share = walk("resource_sharing.create", account_id=source, name="Login for all", resources=[resource],
                 recipients=[{"account_id": first}])
    connections = [item for item in walk.client.zero_trust.identity_providers.list(account_id=first) if item.name == "Bridged"]
    assert len(connections) == 1, "the recipient has its connection at once"
    assert walk("resource_sharing.get", share.id, account_id=source, include_resources=True).resources
    assert share.id in {item.id for item in walk("resource_sharing.list", account_id=source, kind="sent", per_page=1)}
    assert walk("resource_sharing.update", share.id, account_id=source, name="Login").name == "Login"

    recipients = walk("resource_sharing.recipients.list", share.id, account_id=source, per_page=1)
    assert [item.account_id for item in recipients] == [first]
    added = walk("resource_sharing.recipients.create", share.id, path_account_id=source, body_account_id=second)
    assert walk("resource_sharing.recipients.get", added.id, account_id=source, share_id=share.id).account_id == second
    walk("resource_sharing.recipients.delete", added.id, account_id=source, share_id=share.id)
    assert not [item for item in walk.client.zero_trust.identity_providers.list(account_id=second) if item.name == "Bridged"]

    held = walk("resource_sharing.resources.list", share.id, account_id=source, per_page=1)
    assert [item.resource_id for item in held] == [grant.id]
    held = walk("resource_sharing.resources.get", held[0].id, account_id=source, share_id=share.id)
    walk("resource_sharing.resources.update", held.id, account_id=source, share_id=share.id, meta={"note": "changed"})
    another = walk.client.zero_trust.identity_providers.create(account_id=source, **oidc_provider("Second", "second.example.org")).id
    second_grant = walk.client.zero_trust.access.idp_federation_grants.create(account_id=source, idp_id=another).id
    more = walk("resource_sharing.resources.create", share.id, account_id=source, meta={}, resource_account_id=source,
                resource_id=second_grant, resource_type="idp-federation-grant")
    walk("resource_sharing.resources.delete", more.id, account_id=source, share_id=share.id)

    walk("resource_sharing.delete", share.id, account_id=source)
    walk("zero_trust.access.idp_federation_grants.delete", grant.id, account_id=source)


@stage
def applications(walk: Walk):
    account = walk.account()
    domain = f"wiki-{walk.tick}.example.com"
    made = walk("zero_trust.access.applications.create", account_id=account, type="self_hosted", name="wiki", domain=domain)
    walk("zero_trust.access.applications.create", account_id=account, type="bookmark", name="mark", domain=f"m.{domain}")
    walk("zero_trust.access.applications.create", account_id=account, type="saas", name="crm", saas_app={
        "auth_type": "oidc", "redirect_uris": ["https://crm.example.com/callback"]})
    assert walk("zero_trust.access.applications.get", made.id, account_id=account).domain == domain
    assert walk("zero_trust.access.applications.get", made.aud, account_id=account).id == made.id
    assert len(walk("zero_trust.access.applications.list", account_id=account, per_page=1)) == 3
    assert [item.id for item in walk("zero_trust.access.applications.list", account_id=account, name="wiki")] == [made.id]
    changed = walk("zero_trust.access.applications.update", made.id, account_id=account, type="self_hosted", name="handbook",
                   domain=domain, session_duration="6h")
    assert changed.session_duration == "6h" and changed.aud == made.aud
    walk("zero_trust.access.applications.settings.update", made.id, account_id=account, allow_iframe=True)
    walk("zero_trust.access.applications.settings.edit", made.id, account_id=account, skip_interstitial=True)
    walk("zero_trust.access.applications.revoke_tokens", made.id, account_id=account)

    rule = [{"email_domain": {"domain": "example.com"}}]
    policy = walk("zero_trust.access.applications.policies.create", made.id, account_id=account, extra_body={
        "name": "Staff", "decision": "allow", "include": rule})
    assert walk("zero_trust.access.applications.policies.get", policy.id, account_id=account, app_id=made.id).name == "Staff"
    assert walk("zero_trust.access.applications.policies.list", made.id, account_id=account, per_page=1)
    walk("zero_trust.access.applications.policies.update", policy.id, account_id=account, app_id=made.id, extra_body={
        "name": "Everyone", "decision": "allow", "include": [{"everyone": {}}]})
    check = walk("zero_trust.access.applications.user_policy_checks.list", made.id, account_id=account)
    assert check.app_state.app_uid == made.id and check.app_state.aud == made.aud
    walk("zero_trust.access.applications.policies.delete", policy.id, account_id=account, app_id=made.id)
    assert walk("zero_trust.access.applications.delete", made.id, account_id=account).id == made.id


@stage
def bookmarks(walk: Walk):
    account = walk.account()
    identifier = str(uuid.uuid4())
    fields = {"name": "Status", "domain": f"status-{walk.tick}.example.com"}
    made = walk("zero_trust.access.bookmarks.create", identifier, account_id=account, extra_body=fields)
    assert walk("zero_trust.access.bookmarks.get", made.id, account_id=account).name == "Status"
    assert [item.id for item in walk("zero_trust.access.bookmarks.list", account_id=account)] == [made.id]
    fields["name"] = "State"
    assert walk("zero_trust.access.bookmarks.update", made.id, account_id=account, extra_body=fields).name == "State"
    walk("zero_trust.access.bookmarks.delete", made.id, account_id=account)


@stage
def mcp(walk: Walk):
    account = walk.account()
    create = walk.client.zero_trust.access.applications.create
    portal = create(account_id=account, type="mcp_portal", name="portal", domain=f"portal-{walk.tick}.example.com")
    tools = create(account_id=account, type="mcp", name="tools", domain=f"tools-{walk.tick}.example.com")
    base = "zero_trust.access.ai_controls.mcp"
    assert [item.id for item in walk(f"{base}.portals.list", account_id=account, per_page=1)] == [portal.id]
    assert walk(f"{base}.portals.read", portal.id, account_id=account).name == "portal"
    assert [item.id for item in walk(f"{base}.servers.list", account_id=account, per_page=1)] == [tools.id]
    assert walk(f"{base}.servers.read", tools.id, account_id=account).name == "tools"


@stage
def policies_and_groups(walk: Walk):
    account = walk.account()
    rule = [{"email_domain": {"domain": "example.com"}}]
    made = walk("zero_trust.access.policies.create", account_id=account, name="Staff", decision="allow", include=rule)
    assert walk("zero_trust.access.policies.get", made.id, account_id=account).reusable is True
    assert [item.id for item in walk("zero_trust.access.policies.list", account_id=account, per_page=1)] == [made.id]
    changed = walk("zero_trust.access.policies.update", made.id, account_id=account, name="Staff", decision="allow",
                   include=rule, require=[{"auth_method": {"auth_method": "mfa"}}], session_duration="30m")
    assert len(changed.require) == 1
    person = walk("zero_trust.access.users.create", account_id=account, email="untested@example.com")
    tests = "zero_trust.access.applications.policy_tests"
    begun = walk(f"{tests}.create", account_id=account, policies=[
        made.id, {"name": "Everyone", "decision": "allow", "include": [{"everyone": {}}]}])
    found = walk(f"{tests}.get", begun.id, account_id=account)
    assert found.status == "complete" and found.percent_users_processed == 100
    assert person.id in [user.id for user in walk(f"{tests}.users.list", begun.id, account_id=account, status="error")]
    walk("zero_trust.access.users.delete", person.id, account_id=account)
    walk("zero_trust.access.policies.delete", made.id, account_id=account)

    group = walk("zero_trust.access.groups.create", account_id=account, name="Engineering", include=rule)
    assert walk("zero_trust.access.groups.get", group.id, account_id=account).name == "Engineering"
    assert [item.id for item in walk("zero_trust.access.groups.list", account_id=account, per_page=1)] == [group.id]
    changed = walk("zero_trust.access.groups.update", group.id, account_id=account, name="Engineers", include=rule,
                   exclude=[{"ip": {"ip": "10.0.0.0/8"}}])
    assert len(changed.exclude) == 1
    walk("zero_trust.access.groups.delete", group.id, account_id=account)


@stage
def tags_and_pages(walk: Walk):
    account = walk.account()
    walk("zero_trust.access.tags.create", account_id=account, name="a/1")
    assert walk("zero_trust.access.tags.get", "a/1", account_id=account).name == "a/1"
    assert [item.name for item in walk("zero_trust.access.tags.list", account_id=account, per_page=1)] == ["a/1"]
    assert walk("zero_trust.access.tags.update", "a/1", account_id=account, name="b").name == "b"
    walk("zero_trust.access.tags.delete", "b", account_id=account)

    page = dict(name="Denied", type="identity_denied", custom_html="<p>no</p>")
    made = walk("zero_trust.access.custom_pages.create", account_id=account, **page)
    assert walk("zero_trust.access.custom_pages.get", made.uid, account_id=account).custom_html == "<p>no</p>"
    assert [item.uid for item in walk("zero_trust.access.custom_pages.list", account_id=account, per_page=1)] == [made.uid]
    page["name"] = "Refused"
    assert walk("zero_trust.access.custom_pages.update", made.uid, account_id=account, **page).name == "Refused"
    walk("zero_trust.access.custom_pages.delete", made.uid, account_id=account)


@stage
def service_tokens(walk: Walk):
    account = walk.account()
    made = walk("zero_trust.access.service_tokens.create", account_id=account, name="ci", duration="8760h")
    assert made.client_secret and made.client_id.endswith(".access")
    assert walk("zero_trust.access.service_tokens.get", made.id, account_id=account).name == "ci"
    assert [item.id for item in walk("zero_trust.access.service_tokens.list", account_id=account, per_page=1)] == [made.id]
    assert walk("zero_trust.access.service_tokens.update", made.id, account_id=account, name="build", duration="forever").name == "build"
    walk("zero_trust.access.service_tokens.update", made.id, account_id=account, name="build", duration="24h")
    walk("zero_trust.access.service_tokens.refresh", made.id, account_id=account)
    rotated = walk("zero_trust.access.service_tokens.rotate", made.id, account_id=account)
    assert rotated.client_secret != made.client_secret
    walk("zero_trust.access.service_tokens.delete", made.id, account_id=account)


@stage
def keys(walk: Walk):
    account = walk.account()
    assert walk("zero_trust.access.keys.get", account_id=account).key_rotation_interval_days == 42
    assert walk("zero_trust.access.keys.update", account_id=account, key_rotation_interval_days=30).key_rotation_interval_days == 30
    assert walk("zero_trust.access.keys.rotate", account_id=account).last_key_rotation_at


@stage
def users_and_seats(walk: Walk):
    account = walk.account()
    made = walk("zero_trust.access.users.create", account_id=account, email="ana@example.com", name="Ana")
    assert walk("zero_trust.access.users.get", made.id, account_id=account).email == "ana@example.com"
    listed = walk("zero_trust.access.users.list", account_id=account, per_page=1)
    assert [item.id for item in listed] == [made.id]
    walk("zero_trust.access.users.update", made.id, account_id=account, email="ana@example.com", name="Ana Maria")
    seat = listed[0].seat_uid
    assert seat
    walk("zero_trust.seats.edit", account_id=account, body=[{"seat_uid": seat, "access_seat": True, "gateway_seat": False}])
    walk("zero_trust.access.users.delete", made.id, account_id=account)


@stage
def people_who_signed_in(walk: Walk):
    folder = pathlib.Path(tempfile.mkdtemp())
    idp = DevIdP(folder, "alice@example.com:Alice:groups=staff")
    try:
        acme = Acme(walk.server, idp)
        CookieBrowser().open(acme.team("hq"))
        account = acme.hq
        user = walk("zero_trust.access.users.list", account_id=account)[0]
        rows = walk("zero_trust.access.logs.access_requests.list", account_id=account, email="alice@example.com", email_op="eq")
        assert rows and rows[0].allowed and rows[0].user_email == "alice@example.com"
        assert walk("zero_trust.access.logs.scim.updates.list", account_id=account, idp_id=[acme.provider]) == []
        session = walk("zero_trust.access.users.active_sessions.list", user.id, account_id=account)[0]
        nonce = session.metadata.nonce
        one = walk("zero_trust.access.users.active_sessions.get", nonce, account_id=account, user_id=user.id)
        assert one.is_active and one.email == "alice@example.com"
        assert walk("zero_trust.access.users.last_seen_identity.get", user.id, account_id=account).user_uuid == user.id
        assert walk("zero_trust.access.users.failed_logins.list", user.id, account_id=account) == []
        seats = [{"seat_uid": user.seat_uid, "access_seat": False, "gateway_seat": False}]
        walk("zero_trust.seats.edit", account_id=account, body=seats)
        assert walk("zero_trust.access.users.active_sessions.list", user.id, account_id=account) == []
        walk("zero_trust.organizations.revoke_users", account_id=account, email="alice@example.com")
    finally:
        idp.stop()
        shutil.rmtree(folder)


@stage
def audit_log(walk: Walk):
    account = walk.account()
    rows = walk("accounts.logs.audit.list", account_id=account, limit=1, **SPAN)
    assert rows
    row = rows[0]
    assert walk("accounts.logs.audit.history", row.id, account_id=account, action_time=row.action.time, **SPAN)
    filtered = walk("accounts.logs.audit.list", account_id=account, action_type={"not": ["delete"]}, actor_email={
        "not": ["nobody@example.com"]}, **SPAN)
    assert filtered
    assert walk("accounts.logs.audit.list", account_id=account, action_result={"not": ["success"]}, **SPAN) == []
    assert walk("accounts.logs.audit.product_categories", account_id=account)
