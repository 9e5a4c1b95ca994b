"""An organization of two accounts: people sign in at the first, and the second reaches its identity provider over a bridge."""

import subprocess

try:  # Authlib takes the successor where it is installed, and transports must be of the same make.
    import httpx2 as httpx
except ImportError:
    import httpx
from server import API, ORGD, PATIENCE


class DevIdP:
    """`orgd dev-idp` on a free port."""

    def __init__(self, *people: str):
        flags = [flag for person in people for flag in ("--user", person)]
        self.process = subprocess.Popen(
            [str(ORGD), "dev-idp", "--listen", "127.0.0.1:0", "--client-id", "orgd", *flags], stdout=subprocess.PIPE, text=True)
        self.issuer = self.process.stdout.readline().removeprefix("dev-idp issuer ").strip()

    @property
    def config(self) -> dict:
        """As an identity provider of type `oidc`."""
        return {
            "client_id": "orgd", "client_secret": "s", "issuer": self.issuer, "auth_url": f"{self.issuer}/authorize",
            "token_url": f"{self.issuer}/token", "certs_url": f"{self.issuer}/keys", "claims": ["groups", "preferred_username", "badge"]}

    def rotate_keys(self):
        assert httpx.post(f"{self.issuer}/rotate").status_code == 200

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Bridged:
    """HQ has the identity provider, Branch the bridge to it and the applications."""

    def __init__(self, server, config: dict, label: str = "x"):
        self.server, self.root = server, API(server, server.root_token)
        self.port = int(server.url.rsplit(":", 1)[1])
        organization = self.root.result("POST", "/organizations", {"name": f"Acme {label}"})["id"]
        self.hq, self.hq_team = self._account("HQ", organization, f"hq-{label}")
        self.idp = self.root.result("POST", f"/accounts/{self.hq}/access/identity_providers", {
            "name": "Login", "type": "oidc", "config": config})["id"]
        self.root.result("POST", f"/organizations/{organization}/primary_idp", {
            "account_id": self.hq, "idp_id": self.idp})
        self.account, self.team = self._account("Branch", organization, f"branch-{label}")
        self.access = f"/accounts/{self.account}/access"
        self.origin = f"http://{self.team}.access.localhost:{self.port}"

    def _account(self, name, organization, team):
        account = self.root.result("POST", "/accounts", {"name": name, "unit": {"id": organization}})["id"]
        self.root.result("POST", f"/accounts/{account}/access/organizations", {
            "name": name, "auth_domain": f"{team}.access.localhost"})
        return account, team

    def saas(self, redirect_uris, policies=None, name="RP", app=None, **saas) -> dict:
        """An OIDC application; its id, client id, secret and issuer."""
        created = self.root.result("POST", f"{self.access}/apps", {
            "type": "saas", "name": name, "saas_app": {"auth_type": "oidc", "redirect_uris": redirect_uris, **saas},
            "policies": policies or [
                {"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}], **(app or {})})
        client = created["saas_app"]
        return {
            "id": created["id"], "client_id": client["client_id"], "client_secret": client["client_secret"],
            "aud": created["aud"], "issuer": f"{self.origin}/cdn-cgi/access/sso/oidc/{client['client_id']}"}


class Loopback(httpx.HTTPTransport):
    """Finds every *.localhost name on loopback, whatever the resolver of the machine thinks."""

    def handle_request(self, request):
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)
