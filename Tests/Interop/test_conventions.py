"""The rules that hold for every endpoint: envelope, paging, advice to retry, preconditions, and refusals."""

import concurrent.futures
import datetime
import uuid

import httpx
import pytest

from server import API, RAY
from world import account_token, oidc_provider


@pytest.fixture(scope="module")
def organization(root):
    return root.result("POST", "/organizations", {"name": "Conventions"})["id"]


@pytest.fixture(scope="module")
def account(root, organization):
    account = root.result("POST", "/accounts", {"name": "Conventions", "unit": {"id": organization}})["id"]
    root.result("POST", f"/accounts/{account}/access/organizations", {
        "name": "Conventions", "auth_domain": "conventions.access.localhost"})
    return account


@pytest.fixture
def group():
    """A body for a resource that is cheap to make."""
    return {"name": f"group {uuid.uuid4()}", "include": [{"everyone": {}}]}


@pytest.fixture
def groups(account):
    return f"/accounts/{account}/access/groups"


def codes(answer: httpx.Response) -> list[int]:
    return [error["code"] for error in answer.json()["errors"]]


def pointers(answer: httpx.Response) -> list[str]:
    return [error["source"]["pointer"] for error in answer.json()["errors"]]


# Envelope

def test_every_problem_is_reported_at_once_and_in_order(root, account):
    answer = root.post(f"/accounts/{account}/access/apps", {"type": "self_hosted", "session_duration": "soon", "domain": 7})
    assert answer.status_code == 400
    assert set(codes(answer)) == {12130}
    assert pointers(answer) == sorted(pointers(answer)) and {"/domain", "/session_duration"} <= set(pointers(answer))
    for error in answer.json()["errors"]:
        assert error["message"].startswith("access.api.error.invalid_request: ")
        assert error["documentation_url"].endswith("#12130")


def test_a_created_resource_names_its_place(root, groups, group):
    answer = root.post(groups, group)
    assert answer.status_code == 201
    made = answer.json()["result"]["id"]
    assert answer.headers["location"].endswith(f"{groups}/{made}")
    assert root.get(f"{groups}/{made}").json()["result"]["name"] == group["name"]


def test_null_reads_as_unset(root, account, groups, group):
    made = root.result("POST", groups, {**group, "exclude": None, "require": None})
    assert made["exclude"] == [] and made["require"] == []


def test_integers_may_have_a_point(root, account):
    path = f"/accounts/{account}/access/keys"
    assert root.result("PUT", path, {"key_rotation_interval_days": 30.0})["key_rotation_interval_days"] == 30
    assert root.put(path, {"key_rotation_interval_days": 30.5}).status_code == 400


def test_unknown_members_are_ignored_and_not_stored(root, groups, group):
    made = root.result("POST", groups, {**group, "surprise": {"deep": [1]}})
    assert "surprise" not in made and "surprise" not in root.result("GET", f"{groups}/{made['id']}")


def test_put_replaces_what_it_does_not_name(root, groups, group):
    made = root.result("POST", groups, {**group, "exclude": [{"ip": {"ip": "10.0.0.1"}}]})
    assert root.result("PUT", f"{groups}/{made['id']}", group)["exclude"] == []


# Bodies

@pytest.mark.parametrize("content", [b"{", b'{"a":1}x', b"\xff", b'{"a":NaN}', b'{"a":1,"a":2}', b"[" * 40 + b"]" * 40],
                         ids=["cut", "trailing", "not UTF-8", "NaN", "duplicate key", "deep"])
def test_broken_json_is_refused_as_such(root, groups, content):
    answer = root.request("POST", groups, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and codes(answer) == [21901]


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"7", b"true"])
def test_a_body_of_another_kind_is_invalid(root, groups, content):
    answer = root.request("POST", groups, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and codes(answer)[0] in (12130, 21901)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"])
def test_another_media_type_is_refused(root, groups, kind):
    answer = root.request("POST", groups, content=b'{"name":"x"}', headers={"Content-Type": kind})
    assert answer.status_code == 415 and codes(answer) == [21903]


def test_a_large_body_is_refused(root, groups):
    answer = root.request(
        "POST", groups, content=b'{"name":"' + b"x" * (1 << 20) + b'"}', headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and codes(answer) == [21900]


def test_an_empty_body_is_an_empty_object(root, account):
    token = root.result("POST", f"/accounts/{account}/access/service_tokens", {"name": "empty"})["id"]
    rotate = f"/accounts/{account}/access/service_tokens/{token}/rotate"
    for options in ({}, {"headers": {"Content-Type": "application/json"}}, {"json": {}}):
        assert root.request("POST", rotate, **options).status_code == 200
    refused = root.request("POST", f"/accounts/{account}/access/groups", headers={"Content-Type": "application/json"})
    assert refused.status_code == 400 and "/name" in pointers(refused)


# Routes

@pytest.mark.parametrize("path", ["/nothing", "/accounts/xyz", "/zones/{0}/access/apps", "/accounts/{0}/access//groups",
                                  "/accounts/{0}/access/groups/not-a-uuid", "/accounts/{0}/access/certificates"])
def test_no_route(root, account, path):
    answer = root.get(path.format(account))
    assert answer.status_code == 404 and codes(answer) == [7003, 7000]


def test_a_trailing_slash_is_no_other_path(root, groups):
    assert root.get(groups + "/").status_code == 200


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_another_method_is_told_what_there_is(root, groups, method):
    answer = root.request(method, groups)
    assert answer.status_code == 405 and codes(answer) == [10001]
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(answer.headers["allow"].split(", "))


def test_options_and_head(root, groups):
    options = root.request("OPTIONS", groups)
    assert options.status_code == 204 and "POST" in options.headers["allow"] and options.content == b""
    head, get = root.request("HEAD", groups), root.get(groups)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/accounts/{0}/access/tags/%zz", "/accounts/{0}/access/tags/a%00b"])
def test_bad_escapes_are_refused(server, root, account, path):
    import socket
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"GET /client/v4{path.format(account)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            f"Authorization: Bearer {root.token}\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_an_encoded_slash_stays_in_its_segment(root, account):
    tags = f"/accounts/{account}/access/tags"
    root.result("POST", tags, {"name": "team/a b"})
    assert root.get(f"{tags}/team%2Fa%20b").json()["result"]["name"] == "team/a b"
    assert root.get(f"{tags}/team/a%20b").status_code == 404


# Credentials

def test_no_credentials(server):
    answer = API(server, None).get("/user")
    assert answer.status_code == 400 and codes(answer) == [9106]


def test_unknown_credentials(server):
    answer = API(server, "cfut_" + "x" * 48).get("/user")
    assert answer.status_code == 401 and codes(answer) == [10000]


@pytest.mark.parametrize("headers, chain", [
    ({"Authorization": "Basic eDp5"}, 6111), ({"Authorization": "Bearer"}, 6111), ({"Authorization": "x"}, 6111),
    ({"X-Auth-Email": "a@example.com", "X-Auth-Key": "0" * 37}, 6103)])
def test_credentials_of_another_form(server, headers, chain):
    answer = API(server, None).get("/user", headers=headers)
    assert answer.status_code == 400 and codes(answer) == [6003]
    assert chain in [item["code"] for item in answer.json()["errors"][0]["error_chain"]]


def test_two_credentials_are_refused(root):
    answer = root.get("/user", headers={"X-Auth-Email": "a@example.com", "X-Auth-Key": "0" * 37})
    assert answer.status_code == 400 and codes(answer) == [6003]


def test_verify_tells_unknown_from_known(server, root):
    known = root.get("/user/tokens/verify")
    assert known.status_code == 200 and known.json()["messages"][0]["code"] == 10000
    unknown = API(server, "cfut_" + "x" * 48).get("/user/tokens/verify")
    assert unknown.status_code == 401 and codes(unknown) == [1000]


def test_a_missing_right_is_403_for_a_write_and_404_for_a_read(server, root, account, group, groups):
    reader = API(server, account_token(root, account, "reader", "Access: Organizations, Identity Providers, and Groups Read"))
    assert reader.get(groups).status_code == 200
    refused = reader.post(groups, group)
    assert refused.status_code == 403 and codes(refused) == [10000]
    assert reader.get(f"/accounts/{account}/members").status_code in (403, 404)


def test_before_access_is_set_up(root, organization, group):
    account = root.result("POST", "/accounts", {"name": "Bare", "unit": {"id": organization}})["id"]
    answer = root.get(f"/accounts/{account}/access/apps")
    assert answer.status_code == 403 and codes(answer) == [9999]


# Paging

@pytest.fixture(scope="module")
def listed(root):
    """An account with five groups and the path of their list."""
    organization = root.result("POST", "/organizations", {"name": "Paging"})["id"]
    account = root.result("POST", "/accounts", {"name": "Paging", "unit": {"id": organization}})["id"]
    root.result("POST", f"/accounts/{account}/access/organizations", {
        "name": "Paging", "auth_domain": "paging.access.localhost"})
    path = f"/accounts/{account}/access/groups"
    for number in range(5):
        root.result("POST", path, {"name": f"group {number}", "include": [{"everyone": {}}]})
    return path


def test_pages_follow_each_other_and_end_in_an_empty_one(root, listed):
    seen = []
    for page, count in ((1, 2), (2, 2), (3, 1), (4, 0), (400, 0)):
        answer = root.get(listed, params={"page": page, "per_page": 2})
        assert answer.status_code == 200
        assert answer.json()["result_info"] == {
            "page": page, "per_page": 2, "count": count, "total_count": 5, "total_pages": 3}
        seen += [item["name"] for item in answer.json()["result"]]
    assert seen == [f"group {number}" for number in range(5)]


def test_access_lists_hold_everything_when_nothing_is_asked(root, listed):
    assert root.get(listed).json()["result_info"]["per_page"] == 1000
    assert root.get("/accounts").json()["result_info"]["per_page"] == 20


@pytest.mark.parametrize("parameters", [{"page": 0}, {"page": "x"}, {"per_page": 0}, {"per_page": 1001}, {"page": -1}])
def test_bad_paging_is_named(root, listed, parameters):
    answer = root.get(listed, params=parameters)
    assert answer.status_code == 400 and codes(answer) == [21902]
    assert pointers(answer) == [f"?{next(iter(parameters))}"]


def test_page_tokens_are_bound_to_their_filters(root):
    for number in range(3):
        root.result("POST", "/organizations", {"name": f"Tokens {number}"})
    first = root.get("/organizations", params={"name.contains": "Tokens", "page_size": 2}).json()
    token = first["result_info"]["next_page_token"]
    rest = root.get("/organizations", params={"name.contains": "Tokens", "page_size": 2, "page_token": token}).json()
    assert [item["name"] for item in first["result"] + rest["result"]] == [f"Tokens {number}" for number in range(3)]
    assert not rest["result_info"].get("next_page_token")
    for parameters in ({"name.contains": "Other", "page_token": token}, {"name.contains": "Tokens", "page_token": token + "x"}):
        refused = root.get("/organizations", params={"page_size": 2, **parameters})
        assert refused.status_code == 400 and codes(refused) == [21902]


def test_cursors_walk_the_audit_log(root, account):
    # Looking at the log leaves rows of its own, so the walk ends where it began.
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    path, span = f"/accounts/{account}/logs/audit", {"since": "2020-01-01", "before": now}
    whole = [row["id"] for row in root.result("GET", path, params={**span, "limit": 1000})]
    walked, cursor = [], None
    while True:
        answer = root.get(path, params={**span, "limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        walked += [row["id"] for row in answer["result"]]
        cursor = (answer["result_info"].get("cursors") or {}).get("after")
        if not cursor:
            break
    assert walked == whole and len(whole) > 4


def test_dots_name_nested_parameters(root, organization, account):
    found = root.result("GET", "/organizations", params={"containing.account": account})
    assert organization in [item["id"] for item in found]
    below = root.result("POST", "/organizations", {"name": "Below", "parent": {"id": organization}})["id"]
    found = root.result("GET", "/organizations", params={"parent.id": organization})
    assert [item["id"] for item in found] == [below]
    span = {"since": "2020-01-01", "before": "2100-01-01"}
    rows = root.result("GET", f"/accounts/{account}/logs/audit", params={**span, "action_type.not": "create"})
    assert all(row["action"]["type"] != "create" for row in rows)


def test_repeated_keys_are_a_list_and_commas_are_text(root):
    made = [root.result("POST", "/organizations", {"name": name})["id"] for name in ("One", "Two")]
    found = root.get("/organizations", params=[("id", made[0]), ("id", made[1])]).json()["result"]
    assert {item["id"] for item in found} == set(made)
    assert root.get("/organizations", params={"id": ",".join(made)}).status_code == 400


# Advice to retry

def test_a_conflict_says_not_to_retry(root, account):
    domain = {"name": "Again", "auth_domain": "again.access.localhost"}
    answer = root.post(f"/accounts/{account}/access/organizations", domain)
    assert answer.status_code == 409 and codes(answer) == [12132]
    assert answer.headers["x-should-retry"] == "false"


# Idempotency

def test_the_same_key_answers_the_same(root, groups, group):
    key = {"Idempotency-Key": f"key-{uuid.uuid4()}"}
    first, second = (root.post(groups, group, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers and second.headers["idempotency-replayed"] == "true"
    other = root.post(groups, {**group, "name": "other"}, headers=key)
    assert other.status_code == 422 and codes(other) == [21905]


def test_a_replayed_answer_still_holds_the_secret(root, account):
    key = {"Idempotency-Key": f"key-{uuid.uuid4()}"}
    path = f"/accounts/{account}/access/service_tokens"
    first, second = (root.result("POST", path, {"name": "once"}, headers=key) for _ in range(2))
    assert first["client_secret"] == second["client_secret"]


def test_one_of_many_concurrent_requests_with_a_key_acts(root, groups, group):
    key = {"Idempotency-Key": f"key-{uuid.uuid4()}"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: root.post(groups, group, headers=key), range(16)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(codes(answer) == [21906] for answer in answers if answer.status_code == 409)
    assert len({answer.json()["result"]["id"] for answer in answers if answer.status_code == 201}) == 1
    assert sum(item["name"] == group["name"] for item in root.result("GET", groups)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "two words"])
def test_a_bad_key_is_refused(root, groups, group, key):
    answer = root.post(groups, group, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


# Preconditions

def test_etags_change_with_each_write_and_only_then(root, groups, group):
    created = root.post(groups, group)
    path = f"{groups}/{created.json()['result']['id']}"
    first = created.headers["etag"]
    assert root.get(path).headers["etag"] == first == root.get(path).headers["etag"]
    assert root.get(path, headers={"If-None-Match": first}).status_code == 304
    changed = root.put(path, {**group, "name": "new name"}, headers={"If-Match": first})
    assert changed.status_code == 200 and changed.headers["etag"] != first
    stale = root.put(path, group, headers={"If-Match": first})
    assert stale.status_code == 412 and codes(stale) == [21904]
    assert root.get(path, headers={"If-None-Match": first}).status_code == 200
    assert root.put(path, group, headers={"If-Match": "*"}).status_code == 200
    assert root.delete(path, headers={"If-Match": first}).status_code == 412
    assert root.delete(path).status_code == 202


# Secrets

def test_secrets_are_shown_once(root, account):
    tokens = f"/accounts/{account}/access/service_tokens"
    made = root.result("POST", tokens, {"name": "secret"})
    assert made["client_secret"].startswith("cfast_")
    assert "client_secret" not in root.result("GET", f"{tokens}/{made['id']}")
    providers = f"/accounts/{account}/access/identity_providers"
    provider = root.result("POST", providers, oidc_provider("Secret"))
    assert "s3cret" not in root.get(f"{providers}/{provider['id']}").text
    kept = root.put(f"{providers}/{provider['id']}", {
        **oidc_provider("Secret"), "config": {**oidc_provider("")["config"], "client_secret": "*" * 34}})
    assert kept.status_code == 200
    rows = root.get(f"/accounts/{account}/logs/audit", params={"since": "2020-01-01", "before": "2100-01-01", "limit": 1000})
    assert "s3cret" not in rows.text and made["client_secret"] not in rows.text


# Public documents

def test_public_documents(server):
    with httpx.Client(base_url=server.url) as http:
        for path in ("/healthz", "/readyz", "/metrics"):
            answer = http.get(path)
            assert answer.status_code == 200 and RAY.fullmatch(answer.headers["cf-ray"])
        assert "orgd_" in http.get("/metrics").text


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_an_agent_finds_everything_from_the_host_alone(server):
    link = '</.well-known/api-catalog>; rel="api-catalog"'
    with httpx.Client(base_url=server.url) as http:
        for method in ("GET", "HEAD"):
            for accept in ("text/markdown", "*/*", BROWSER):
                assert http.request(method, "/", headers={"Accept": accept}).headers["link"] == link
        assert http.get("/", headers={"Accept": "text/markdown"}).text.startswith("# orgd")
        catalog = http.get("/.well-known/api-catalog")
        assert catalog.headers["content-type"].startswith("application/linkset+json") and catalog.headers["link"] == link
        origin = f"http://localhost:{httpx.URL(server.url).port}"
        read = http.get("/.well-known/api-catalog", headers={"Accept": "text/markdown, application/linkset+json;q=0.5"})
        assert read.headers["content-type"] == "text/markdown; charset=utf-8" and read.headers["vary"] == "Accept"
        assert f"<{origin}/client/v4>" in read.text and f"<{origin}/openapi.yaml>" in read.text
        for accept in ("application/linkset+json, text/markdown;q=0.5", "*/*", BROWSER):
            assert http.get("/.well-known/api-catalog", headers={"Accept": accept}).json() == catalog.json()
        index, api = catalog.json()["linkset"]
        assert index["anchor"] == f"{origin}/.well-known/api-catalog" and index["item"][0]["href"] == api["anchor"]
        assert api["anchor"] == f"{origin}/client/v4"
        relations = {name: links for name, links in api.items() if name != "anchor"}
        assert set(relations) >= {"service-desc", "service-doc", "status"}
        for links in relations.values():
            for entry in links:
                shown = http.get(entry["href"].removeprefix(origin), headers={"Accept": entry["type"]})
                assert shown.status_code == 200 and shown.headers["content-type"].startswith(entry["type"]), entry


@pytest.mark.parametrize("path, title", [
    ("/docs/managed-oauth", "# Managed OAuth"), ("/docs/managed-oauth.md", "# Managed OAuth"), ("/docs/errors", "# "),
    ("/docs/operations", "# "), ("/docs/exit-codes", "# ")])
def test_documentation_is_markdown_for_programs_and_text_for_browsers(server, path, title):
    with httpx.Client(base_url=server.url) as http:
        for accept, kind in {
                "text/markdown": "text/markdown; charset=utf-8", "*/*": "text/markdown; charset=utf-8",
                "text/html;q=0.5, text/markdown;q=0.6": "text/markdown; charset=utf-8",
                "text/html, text/markdown;q=0.6": "text/plain; charset=utf-8",
                "text/plain": "text/plain; charset=utf-8", BROWSER: "text/plain; charset=utf-8"}.items():
            answer = http.get(path, headers={"Accept": accept})
            assert answer.status_code == 200 and answer.text.startswith(title), accept
            assert answer.headers["content-type"] == kind and answer.headers["vary"] == "Accept", accept
        assert http.get(path, headers={"Accept": "image/png"}).status_code == 406
        assert http.head(path).status_code == 200


def test_what_is_no_document_is_not_found(server):
    with httpx.Client(base_url=server.url) as http:
        for path in ("/docs/", "/docs/nothing", "/docs/decisions/0001-no-dependencies.md", "/docs/%2e%2e"):
            assert http.get(path).status_code == 404, path
        # Another host is not the server's own.
        assert http.get("/docs/errors", headers={"Host": "other.example"}).status_code == 404
        assert http.post("/docs/errors").status_code == 405
