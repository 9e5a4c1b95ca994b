"""The forms in which Traefik and Envoy ask, by requests made by hand: neither is in Debian."""

import http.client

import pytest
import yaml
from server import API, ROOT

HOST = "wiki.forms.example.org"


@pytest.fixture(scope="module")
def team(server):
    """An application that one service token opens."""
    root = API(server, server.root_token)
    account = root.result("POST", "/accounts", {"name": "forms", "standalone": True})["id"]
    access = f"/accounts/{account}/access"
    root.result("POST", f"{access}/organizations", {"name": "forms", "auth_domain": "forms.access.localhost"})
    token = root.result("POST", f"{access}/service_tokens", {"name": "robot"})
    root.result("POST", f"{access}/apps", {
        "type": "self_hosted", "name": "Wiki", "domain": HOST,
        "destinations": [{"type": "public", "uri": HOST, "overrides": [{"path_pattern": "/assets/*", "behavior": "public"}]}],
        "policies": [
            {"name": "robots", "decision": "non_identity", "include": [{"service_token": {"token_id": token["id"]}}]},
            {"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}]})
    return {"CF-Access-Client-Id": token["client_id"], "CF-Access-Client-Secret": token["client_secret"]}


def ask(server, method, path, headers):
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def traefik(server, method, uri, headers=None, host=HOST):
    """Always GET, described by X-Forwarded fields, at the host of orgd."""
    return ask(server, "GET", "/cdn-cgi/access/forward-auth", {
        "Host": server.url.removeprefix("http://"), "X-Forwarded-Method": method, "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": host, "X-Forwarded-Uri": uri, "X-Forwarded-For": "203.0.113.9", **(headers or {})})


def envoy(server, method, uri, headers=None, host=HOST):
    """The request itself, with a prefix before its path."""
    return ask(server, method, "/cdn-cgi/access/forward-auth" + uri, {
        "Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-For": "203.0.113.9", **(headers or {})})


@pytest.mark.parametrize("form", [traefik, envoy])
class TestForms:
    def test_service_token(self, server, team, form):
        answer = form(server, "POST", "/api?x=1", team)
        assert answer.status == 200
        assert answer.getheader("cf-access-jwt-assertion").count(".") == 2
        assert answer.getheader("cf-access-authenticated-user-email") == ""

    def test_login(self, server, team, form):
        answer = form(server, "GET", "/page?x=1", {"Accept": "text/html"})
        assert answer.status == 302
        assert "redirect_url=%2Fpage%3Fx%3D1" in answer.getheader("location")
        assert answer.getheader("location").startswith("http://forms.access.localhost:")
        assert form(server, "POST", "/page").status == 401

    def test_public_path(self, server, team, form):
        assert form(server, "GET", "/assets/logo.svg").status == 200
        assert form(server, "GET", "/assets/../page", {"Accept": "text/html"}).status == 302
        assert form(server, "GET", "/assets/%2e%2e%2fpage").status == 400

    def test_unknown_host(self, server, team, form):
        assert form(server, "GET", "/", host="nobody.example.org").status == 403
        assert form(server, "GET", "/assets/x", host=HOST.upper() + ".").status == 200

    def test_head_has_no_body(self, server, team, form):
        answer = form(server, "HEAD", "/page", {"Accept": "text/html"})
        assert answer.status == 302
        if form is envoy:
            assert answer.body == b""


def test_repeated_and_contradicting_descriptions(server, team):
    for extra in [{"X-Original-URL": f"http://{HOST}/assets/x"}, {"X-Original-Method": "POST"}, {"X-Original-URI": "/assets/x"},
                  {"X_Forwarded_Uri": "/assets/x"}, {"Cf_Access_Jwt_Assertion": "x"}]:
        assert traefik(server, "GET", "/page", extra).status == 400, extra


def test_a_stranger_is_not_believed(fresh):
    """Only trusted proxies may ask."""
    server = fresh("--trusted-proxies", "192.0.2.1/32")
    assert traefik(server, "GET", "/").status == 403
    assert envoy(server, "GET", "/").status == 403


# The files of docs/proxies that no test runs

def identity_fields(server, team) -> set[str]:
    """What a proxy has to overwrite: the fields of ours in an answer that lets through."""
    answer = traefik(server, "POST", "/api", team)
    assert answer.status == 200
    names = {name.lower() for name, _ in answer.getheaders()}
    return {name for name in names if name.startswith(("cf-access-", "x-orgd-"))}


def description_fields() -> set[str]:
    """What describes a request beside the fields that these proxies write themselves, as the server reads it."""
    return {"x-orgd-country", "x-orgd-client-cert-verified", "x-orgd-client-cert-cn"}


def test_the_traefik_file_names_every_field(server, team):
    middlewares = yaml.safe_load((ROOT / "docs/proxies/traefik.yml").read_text())["http"]["middlewares"]
    asked = middlewares["access"]["forwardAuth"]
    assert asked["address"].endswith("/cdn-cgi/access/forward-auth") and asked["trustForwardHeader"] is False
    assert {name.lower() for name in asked["authResponseHeaders"]} == identity_fields(server, team)
    removed = {name.lower() for name in middlewares["undescribed"]["headers"]["customRequestHeaders"]}
    assert removed == description_fields() | {"x-orgd-cookie", "x-original-url", "x-original-uri", "x-original-method"}
    credentials = {name.lower() for name in middlewares["uncredentialed"]["headers"]["customRequestHeaders"]}
    assert credentials == {"cf-access-client-id", "cf-access-client-secret", "cf-access-token"}
    routers = yaml.safe_load((ROOT / "docs/proxies/traefik.yml").read_text())["http"]["routers"]
    # Fields are taken away before orgd is asked, credentials after.
    assert routers["application"]["middlewares"] == ["undescribed", "access", "uncredentialed"]


def test_the_envoy_file_names_every_field(server, team):
    listener = yaml.safe_load((ROOT / "docs/proxies/envoy.yaml").read_text())["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    asking = next(item for item in manager["http_filters"] if item["name"].endswith("ext_authz"))["typed_config"]
    service = asking["http_service"]

    def exact(patterns):
        return {pattern["exact"] for pattern in patterns["patterns"] if "exact" in pattern}

    assert asking["failure_mode_allow"] is False and service["path_prefix"] == "/cdn-cgi/access/forward-auth"
    response = service["authorization_response"]
    assert exact(response["allowed_upstream_headers"]) == identity_fields(server, team)
    # Nothing that only a proxy may say comes from a client.
    asked = exact(service["authorization_request"]["allowed_headers"])
    assert not asked & description_fields() and not any(name.startswith("x-original") for name in asked)
    removed = set(manager["route_config"]["virtual_hosts"][0]["request_headers_to_remove"])
    assert removed == description_fields() | {"cf-access-client-id", "cf-access-client-secret", "cf-access-token"}
    assert {"location", "set-cookie", "www-authenticate"} <= exact(response["allowed_client_headers"])
    assert manager["common_http_protocol_options"]["headers_with_underscores_action"] == "REJECT_REQUEST"
    assert manager["path_with_escaped_slashes_action"] == "REJECT_REQUEST"


def test_what_only_a_proxy_may_say_is_read_under_these_names(server, team):
    for name, value in {"x-orgd-country": "PT", "x-orgd-client-cert-verified": "SUCCESS", "x-orgd-client-cert-cn": "robot"}.items():
        assert traefik(server, "POST", "/api", {**team, name: value}).status == 200
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        connection.putrequest("GET", "/cdn-cgi/access/forward-auth", skip_host=True)
        for field, text in {"Host": HOST, "X-Forwarded-Host": HOST, "X-Forwarded-Uri": "/", **team}.items():
            connection.putheader(field, text)
        connection.putheader(name, value)
        connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 400 and name in answer.read().decode(), name
        connection.close()
