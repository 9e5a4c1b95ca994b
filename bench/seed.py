"""Fills an empty server through its API: an organization with a primary IdP, accounts, and one account with 50 applications."""
import threading

from client import Client

THREADS = 8


class Seeded:
    """What the measurements need to know."""

    def __init__(self):
        self.organization = ""
        self.source = ""
        self.idp = ""
        self.accounts = []
        self.account = ""
        self.apps = []


def application(host, idps, policies):
    """An application about as large as the peer's: two destinations, two tags, CORS rules, its login methods and policies."""
    return {
        "type": "self_hosted",
        "name": "Customer Portal",
        "domain": f"{host}/admin",
        "destinations": [{"type": "public", "uri": f"{host}/admin"}, {"type": "public", "uri": f"{host}/reports"}],
        "session_duration": "24h",
        "allowed_idps": idps,
        "tags": ["engineers", "production"],
        "policies": policies,
        "cors_headers": {
            "allow_all_headers": True, "allowed_methods": ["GET", "POST"],
            "allowed_origins": ["https://example.com"], "max_age": 600,
        },
    }


def identity_provider(name):
    return {
        "name": name, "type": "oidc",
        "config": {
            "client_id": "orgd", "client_secret": "not-a-secret",
            "auth_url": "https://idp.example.com/authorize", "token_url": "https://idp.example.com/token",
            "certs_url": "https://idp.example.com/keys",
        },
    }


def in_threads(port, token, items, work):
    """Calls `work(client, item)` for every item, on a few connections; raises the first failure."""
    failures = []

    def run(part):
        client = Client(port, token)
        try:
            for item in part:
                work(client, item)
        except Exception as failure:  # reported below, where it can end the run
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(items[n::THREADS],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def seed(port, token, accounts, zero_trust=True):
    """Creates `accounts` accounts below one organization. The first of them owns the IdP, the second has 50 applications."""
    client, seeded = Client(port, token), Seeded()
    client.wait()
    seeded.organization = client.post("/organizations", {"name": "Bench", "parent": None})["id"]
    made = []

    def make(client, number):
        account = client.post("/accounts", {"name": f"account {number}", "unit": {"id": seeded.organization}})["id"]
        if zero_trust or number < 2:
            team = {"auth_domain": f"team-{number}.access.localhost", "name": f"Team {number}"}
            client.post(f"/accounts/{account}/access/organizations", team)
        made.append((number, account))

    in_threads(port, token, range(accounts), make)
    seeded.accounts = [account for _, account in sorted(made)]
    seeded.source, seeded.account = seeded.accounts[:2]

    idp = client.post(f"/accounts/{seeded.source}/access/identity_providers", identity_provider("Company"))
    client.post(
        f"/organizations/{seeded.organization}/primary_idp",
        {"account_id": seeded.source, "idp_id": idp["id"], "mode": "report"})
    seeded.idp = idp["id"]

    base = f"/accounts/{seeded.account}/access"
    idps = [client.post(f"{base}/identity_providers", identity_provider(f"Local {n}"))["id"] for n in range(2)]
    for tag in ("engineers", "production"):
        client.post(f"{base}/tags", {"name": tag})
    policy = client.post(
        f"{base}/policies",
        {"name": "Engineers", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]})
    for number in range(50):
        body = application(f"portal-{number}.example.com", idps, [{"id": policy["id"]}])
        seeded.apps.append(client.post(f"{base}/apps", body)["id"])
    return seeded


def trust(port, token, keys_url):
    """An account with one identity provider whose keys are at `keys_url`."""
    client = Client(port, token)
    client.wait()
    account = client.post("/accounts", {"name": "verify", "standalone": True})["id"]
    client.post(f"/accounts/{account}/access/organizations", {"auth_domain": "verify.access.localhost", "name": "Verify"})
    provider = identity_provider("Company")
    provider["config"] |= {"issuer": "https://idp.example.com", "certs_url": keys_url}
    client.post(f"/accounts/{account}/access/identity_providers", provider)
    return account


def check_token(port, token, account, candidate):
    """Fails unless the server accepts the token."""
    answer = Client(port, token).post(f"/accounts/{account}/access/tokens/validate", {"token": candidate})
    if answer.get("active") is not True:
        raise SystemExit(f"the token is refused: {answer}")


class Gate:
    """Two applications that alice may open, and a service token that the first admits."""

    def __init__(self, client, account):
        self.client, self.base = client, f"/accounts/{account}/access"
        self.host, self.denied_host = "wiki.bench.localhost", "shut.bench.localhost"
        self.team = "gate.access.localhost"

    def shut(self):
        """From now on the second application denies her."""
        path = f"{self.base}/apps/{self.denied_app}/policies"
        policy = self.client.get(path)[0]["id"]
        self.client.put(f"{path}/{policy}", staff("elsewhere.example"))


def staff(domain):
    return {"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": domain}}]}


def gate(port, token, issuer):
    client = Client(port, token)
    client.wait()
    account = client.post("/accounts", {"name": "gate", "standalone": True})["id"]
    gate = Gate(client, account)
    client.post(f"{gate.base}/organizations", {"auth_domain": gate.team, "name": "Gate"})
    provider = identity_provider("Login")
    provider["config"] |= {
        "issuer": issuer, "auth_url": f"{issuer}/authorize", "token_url": f"{issuer}/token", "certs_url": f"{issuer}/keys"}
    client.post(f"{gate.base}/identity_providers", provider)
    robot = client.post(f"{gate.base}/service_tokens", {"name": "robot"})
    gate.client_id, gate.client_secret = robot["client_id"], robot["client_secret"]
    machines = {"name": "robots", "decision": "non_identity", "include": [{"service_token": {"token_id": robot["id"]}}]}
    for host, policies in [(gate.host, [machines, staff("example.com")]), (gate.denied_host, [staff("example.com")])]:
        app = client.post(f"{gate.base}/apps", {
            "type": "self_hosted", "name": host, "domain": host, "policies": policies,
            "oauth_configuration": {"enabled": True}})
        gate.denied_app = app["id"]
    return gate
