"""For every route: a token of another account finds 404 or 403, no byte of the account, and changes nothing."""

import re

import pytest

from openapi import Operation, operations, sample
from server import API
from world import World, populate

OPERATIONS = operations()
MARKER = "Alfa0Marker"

# There is nothing to find before people sign in.
NOT_THERE_YET = {"getActiveSession", "getLastSeenIdentity"}

# What it answers depends on the time of asking.
FLEETING = {"checkUserPolicies"}

# Routes without an identifier answer any credential, with what it may see.
OPEN = {operation.id for operation in OPERATIONS if "{" not in operation.path}


@pytest.fixture(scope="module")
def alfa(server) -> World:
    return populate(server, MARKER)


@pytest.fixture(scope="module")
def bravo(server) -> World:
    return populate(server, "Bravo0Marker")


@pytest.fixture(scope="module")
def stranger(server, bravo):
    return API(server, bravo.token)


def path_of(operation: Operation, world: World) -> str:
    """The operation's path with the identifiers of a world's resources."""
    ids = dict(world.ids)
    if operation.path.startswith("/user/tokens/"):
        ids["token_id"] = ids["user_token_id"]
    if operation.path.startswith("/organizations/"):
        ids["member_id"] = ids["organization_member_id"]
    if "/access/policies/" in operation.path:
        ids["policy_id"] = ids["reusable_policy_id"]
    ids |= {"portal_id": ids["mcp_portal_id"], "server_id": ids["mcp_server_id"], "nonce": "n"}
    if operation.id == "rotateApplicationClientSecret":
        ids["app_id"] = ids["saas_app_id"]
    ids["tag_name"] = ids["tag_name"].replace(" ", "%20")
    return re.sub(r"\{(\w+)\}", lambda name: ids[name.group(1)], operation.path)


def required_parameters(operation: Operation) -> dict:
    if "/logs/audit" in operation.path:
        return {"since": "2020-01-01", "before": "2100-01-01", "action_time": "2026-01-01T00:00:00Z"}
    return {}


def body_of(operation: Operation, world: World):
    """A body that would do, so that only the caller's lack of rights can refuse it."""
    if operation.body is None:
        return None
    policy = {"effect": "allow", "permission_groups": [{"id": world.ids["permission_group_id"]}],
              "resources": {f"com.cloudflare.api.account.{world.account}": "*"}}
    return {
        "createAccountMember": {"email": "x@example.com", "roles": [world.ids["role_id"]]},
        "updateAccountMember": {"roles": [{"id": world.ids["role_id"]}]},
        "createAccountToken": {"name": "x", "policies": [policy]},
        "updateAccountToken": {"name": "x", "policies": [policy]},
    }.get(operation.id, sample(operation.body))


def attempt(api: API, operation: Operation, path: str, world: World):
    return api.request(operation.method, path, body_of(operation, world), params=required_parameters(operation))


def photograph(api: API, world: World) -> dict:
    """Every list and single resource of the account, as its owner sees it."""
    seen = {}
    for operation in OPERATIONS:
        if operation.method == "GET" and "/logs/audit" not in operation.path and operation.id not in OPEN | FLEETING:
            answer = api.get(path_of(operation, world))
            seen[operation.id] = (answer.status_code, answer.json()["result"])
    return seen


@pytest.fixture(scope="module")
def before(root, alfa):
    return photograph(root, alfa)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.id not in OPEN and o.method == "GET"], ids=str)
def test_the_owner_finds_it(operation, before):
    status, _ = before.get(operation.id, (200, None))
    assert status == 200 or operation.id in NOT_THERE_YET and status == 404


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.id not in OPEN], ids=str)
def test_a_stranger_finds_nothing(operation, stranger, alfa, bravo, before):
    answer = attempt(stranger, operation, path_of(operation, alfa), bravo)
    if operation.id == "verifyAccountToken":
        assert answer.status_code in (401, 403, 404)
    else:
        assert answer.status_code in (403, 404), answer.text
    assert MARKER.lower() not in answer.text.lower()


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.path.startswith("/accounts/{account_id}/") and o.path.count("{") > 1], ids=str)
def test_a_stranger_does_not_reach_it_through_their_own_account(operation, stranger, alfa, bravo, before):
    mixed = World(alfa.marker, bravo.organization, bravo.account, bravo.token, {**alfa.ids, "account_id": bravo.account})
    if operation.id == "getAccountRole":
        pytest.skip("roles are the same in every account")
    if operation.id == "createBookmark":
        pytest.skip("the identifier is the caller's to choose; the unchanged account is checked below")
    answer = attempt(stranger, operation, path_of(operation, mixed), bravo)
    assert answer.status_code in (403, 404), answer.text
    assert MARKER.lower() not in answer.text.lower()


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.id in OPEN and o.method == "GET"], ids=str)
def test_lists_that_span_accounts_leave_it_out(operation, stranger, alfa, bravo):
    answer = attempt(stranger, operation, operation.path, bravo)
    assert answer.status_code in (200, 403, 404)
    assert MARKER.lower() not in answer.text.lower() and alfa.account not in answer.text and alfa.organization not in answer.text


@pytest.mark.parametrize("body", [
    lambda alfa: ("POST", "/accounts", {"name": "x", "unit": {"id": alfa.organization}}),
    lambda alfa: ("POST", "/organizations", {"name": "x", "parent": {"id": alfa.organization}}),
    lambda alfa: ("POST", "/accounts/move", {"account_ids": [alfa.account], "destination_organization_id": None}),
], ids=["create an account in it", "create an organization below it", "move its account away"])
def test_bodies_do_not_reach_it_either(stranger, alfa, before, body):
    answer = stranger.request(*body(alfa))
    assert answer.status_code in (400, 403, 404), answer.text
    assert MARKER.lower() not in answer.text.lower()


def test_an_application_cannot_name_its_resources(stranger, alfa, bravo, before):
    base = f"/accounts/{bravo.account}/access"
    foreign = [
        {"type": "self_hosted", "domain": "b1.bravo.example", "allowed_idps": [alfa.ids["identity_provider_id"]]},
        {"type": "self_hosted", "domain": "b2.bravo.example", "policies": [alfa.ids["reusable_policy_id"]]},
        {"type": "self_hosted", "domain": "b3.bravo.example", "tags": [alfa.ids["tag_name"]]},
    ]
    for app in foreign:
        answer = stranger.post(f"{base}/apps", app)
        assert answer.status_code in (400, 404), answer.text
    group = {"name": "x", "include": [{"group": {"id": alfa.ids["group_id"]}}]}
    assert stranger.post(f"{base}/groups", group).status_code == 400
    grant = {"idp_id": alfa.ids["identity_provider_id"]}
    assert stranger.post(f"{base}/idp_federation_grants", grant).status_code == 404


def test_afterwards_nothing_has_changed(root, alfa, before):
    assert photograph(root, alfa) == before
