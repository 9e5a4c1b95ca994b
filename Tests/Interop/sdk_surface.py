"""The methods that the official SDK offers, and which of them this server models."""

import inspect

from cloudflare import Cloudflare

# Parts of the SDK that belong to the resources of this server.
MODELLED = (
    "accounts",
    "memberships",
    "organizations",
    "resource_sharing",
    "user",
    "zero_trust.access",
    "zero_trust.identity_providers",
    "zero_trust.organizations",
    "zero_trust.seats",
)

# Methods within those parts that are answered with a clean 404 (7003 and 7000), or that come with a later part of the
# product. A name ending in a dot stands for everything below it.
NOT_MODELLED = {
    "accounts.client_secret.": "billing of the public service",
    "accounts.invoices.": "billing of the public service",
    "accounts.pay_bad_debt.": "billing of the public service",
    "accounts.pay_invoice.": "billing of the public service",
    "accounts.payment_methods.": "billing of the public service",
    "accounts.receipts.": "billing of the public service",
    "accounts.subscriptions.": "billing of the public service",
    "accounts.speed_settings.": "zone settings of the public service",
    "memberships.delete": "memberships are managed from the account: accounts.members",
    "memberships.get": "memberships are managed from the account: accounts.members",
    "memberships.update": "memberships are managed from the account: accounts.members",
    "organizations.billing.": "billing of the public service",
    "user.audit_logs.": "audit logs v1; v2 is accounts.logs.audit",
    "user.billing.": "billing of the public service",
    "user.edit": "people are known by their identity provider",
    "user.invites.": "members are added by their administrators",
    "user.organizations.": "the older organizations of the public service",
    "user.spectrum_analytics.": "zone analytics of the public service",
    "user.subscriptions.": "billing of the public service",
    "user.tenants.": "tenants of the public service",
    "zero_trust.access.ai_controls.mcp.portals.create": "portals are applications of type mcp_portal; writes here are 405",
    "zero_trust.access.ai_controls.mcp.portals.delete": "portals are applications of type mcp_portal; writes here are 405",
    "zero_trust.access.ai_controls.mcp.portals.update": "portals are applications of type mcp_portal; writes here are 405",
    "zero_trust.access.ai_controls.mcp.servers.create": "servers are applications of type mcp; writes here are 405",
    "zero_trust.access.ai_controls.mcp.servers.delete": "servers are applications of type mcp; writes here are 405",
    "zero_trust.access.ai_controls.mcp.servers.update": "servers are applications of type mcp; writes here are 405",
    "zero_trust.access.ai_controls.mcp.servers.sync": "servers are applications of type mcp; writes here are 405",
    "zero_trust.access.applications.cas.": "mTLS certificate authorities",
    "zero_trust.access.certificates.": "mTLS certificate authorities",
    "zero_trust.access.gateway_ca.": "gateway certificate authority",
    "zero_trust.access.infrastructure.": "infrastructure targets",
    "zero_trust.access.saml_certificates.": "SAML certificates",
    "zero_trust.identity_providers.saml_certificate.": "SAML certificates",
    "zero_trust.organizations.doh.": "DNS over HTTPS",
}

# Methods whose answers hold more than the SDK's types allow. The SDK reads them all the same; only its strict mode, which
# the walk uses everywhere else, would not.
LENIENT = {
    "user.tokens.permission_groups.list": "permission groups of organizations have a scope that the public API does not know",
}


def reason_not_modelled(method: str) -> str | None:
    for name, reason in NOT_MODELLED.items():
        if method == name or name.endswith(".") and method.startswith(name):
            return reason
    return None


def methods_below(resource, prefix: str) -> list[str]:
    """Every public method of a resource of the SDK and of the resources below it."""
    found = []
    for name in dir(type(resource)):
        if name.startswith("_") or name.startswith("with_"):
            continue
        member = inspect.getattr_static(type(resource), name)
        if inspect.isfunction(member):
            found.append(f"{prefix}.{name}")
        elif type(member).__name__ in ("cached_property", "property"):
            below = getattr(resource, name)
            if type(below).__name__.endswith("Resource"):
                found += methods_below(below, f"{prefix}.{name}")
    return found


def surface() -> list[str]:
    """All methods of the modelled parts, modelled or not."""
    client = Cloudflare(api_token="unused", base_url="http://localhost")
    found = []
    for part in MODELLED:
        resource = client
        for name in part.split("."):
            resource = getattr(resource, name)
        found += methods_below(resource, part)
    return sorted(found)


def modelled() -> list[str]:
    return [method for method in surface() if reason_not_modelled(method) is None]
