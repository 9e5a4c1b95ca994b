"""The official SDK with another base_url: one test for each of its methods that belongs to a modelled resource."""

import cloudflare
import pytest

from sdk_scenario import Walk
from sdk_surface import LENIENT, NOT_MODELLED, modelled, reason_not_modelled, surface

METHODS = modelled()


@pytest.fixture(scope="module")
def walked(server, request):
    walk = Walk(server).run()
    request.config.sdk_coverage = table(walk)
    return walk


def table(walk: Walk) -> list[str]:
    """Called and working methods of each resource, against all that are modelled."""
    rows: dict[str, list[int]] = {}
    for method in METHODS:
        row = rows.setdefault(method.rpartition(".")[0], [0, 0])
        row[1] += 1
        row[0] += method in walk.succeeded and method not in walk.failed
    lines = [f"{name:<56} {done:>3} of {total}" for name, (done, total) in rows.items()]
    done, total = (sum(row[i] for row in rows.values()) for i in (0, 1))
    left_out = len(surface()) - total
    return lines + [f"{'total':<56} {done:>3} of {total}, {left_out} not modelled (sdk_surface.py says why)"]


@pytest.mark.parametrize("method", METHODS)
def test_sdk_method(walked, method):
    if method in walked.failed:
        pytest.fail(walked.failed[method], pytrace=False)
    stages = "\n".join(text for name, text in walked.failed.items() if name.startswith("stage "))
    assert method in walked.succeeded, f"was not reached:\n{stages}"


def test_every_stage_saw_what_it_expected(walked):
    broken = [text for name, text in walked.failed.items() if name.startswith("stage ")]
    assert not broken, "\n".join(broken)


def test_the_list_of_what_is_not_modelled_names_real_methods():
    methods = surface()
    stale = [
        name for name in [*NOT_MODELLED, *LENIENT]
        if not any(method == name or name.endswith(".") and method.startswith(name) for method in methods)
    ]
    assert stale == []


def test_what_is_not_modelled_is_cleanly_absent(server):
    """A method that is left out raises NotFoundError (or 405 where the path reads), never a surprise."""
    client = cloudflare.Cloudflare(api_token=server.root_token, base_url=server.api, max_retries=0)
    account = client.accounts.create(name="absent", extra_body={"standalone": True}).id
    client.zero_trust.organizations.create(account_id=account, name="absent", auth_domain="absent.access.localhost")
    some_id = "0" * 32
    attempts = [
        lambda: client.zero_trust.access.certificates.list(account_id=account),
        lambda: client.zero_trust.access.applications.cas.list(account_id=account),
        lambda: client.zero_trust.access.gateway_ca.list(account_id=account),
        lambda: client.zero_trust.access.infrastructure.targets.list(account_id=account),
        lambda: client.zero_trust.access.saml_certificates.list(account_id=account),
        lambda: client.zero_trust.organizations.doh.get(account_id=account),
        lambda: client.accounts.subscriptions.get(account_id=account),
        lambda: client.zero_trust.access.applications.list(zone_id=some_id),
        lambda: client.zones.get(zone_id=some_id),
    ]
    for attempt in attempts:
        with pytest.raises(cloudflare.NotFoundError) as refused:
            attempt()
        assert [error.code for error in refused.value.errors] == [7003, 7000]


def test_reasons_cover_methods_exactly():
    assert not [method for method in METHODS if reason_not_modelled(method)]
