"""An import in parallel while the server is killed again and again: nothing acknowledged is lost, nothing is done twice."""

import concurrent.futures
import os
import random
import threading
import time

import httpx

from server import API, PATIENCE
from world import oidc_provider

KILLS = int(os.environ.get("ORGD_CRASH_KILLS", "5"))
ACCOUNTS = max(100, KILLS * 10)


class Import:
    """Creates numbered accounts until each one is acknowledged, whatever happens to the server meanwhile."""

    def __init__(self, server, organization: str, token: str):
        self.server, self.organization, self.token = server, organization, token
        self.acknowledged: dict[int, str] = {}
        self.lock = threading.Lock()

    def create(self, number: int) -> None:
        """One account. The idempotency key makes the repetition of an unanswered request safe."""
        deadline = time.monotonic() + PATIENCE * 4
        while time.monotonic() < deadline:
            try:
                answer = httpx.post(
                    f"{self.server.api}/accounts", json={"name": f"account {number:05}", "unit": {"id": self.organization}},
                    headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"import-{number}"}, timeout=PATIENCE)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code in (409, 429, 503):
                time.sleep(0.02)
                continue
            assert answer.status_code == 200, answer.text
            with self.lock:
                self.acknowledged[number] = answer.json()["result"]["id"]
            return
        raise AssertionError(f"account {number} was never acknowledged")

    def run(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(self.create, range(ACCOUNTS)))


def all_of(api: API, path: str) -> list[dict]:
    items, page = [], 1
    while batch := api.result("GET", path, params={"page": page, "per_page": 1000}):
        items += batch
        page += 1
    return items


def test_a_killed_import_loses_and_repeats_nothing(fresh):
    server = fresh()
    api = API(server, server.root_token)
    organization = api.result("POST", "/organizations", {"name": "Import"})["id"]
    source = api.result("POST", "/accounts", {"name": "source", "unit": {"id": organization}})["id"]
    api.result("POST", f"/accounts/{source}/access/organizations", {"name": "source", "auth_domain": "source.access.localhost"})
    provider = api.result("POST", f"/accounts/{source}/access/identity_providers", oidc_provider("Primary"))["id"]
    primary = api.result("POST", f"/organizations/{organization}/primary_idp", {"account_id": source, "idp_id": provider})
    port = server.url.rpartition(":")[2]

    work = Import(server, organization, server.root_token)
    runner = concurrent.futures.ThreadPoolExecutor(1)
    running = runner.submit(work.run)
    dice = random.Random(7)
    kills = 0
    while kills < KILLS and not running.done():
        # A kill after each so many acknowledgements spreads them over the whole import.
        target = min(ACCOUNTS - 1, (kills + 1) * ACCOUNTS // (KILLS + 1))
        while len(work.acknowledged) < target and not running.done():
            time.sleep(0.001)
        time.sleep(dice.random() * 0.01)
        server.kill()
        kills += 1
        server.start(listen=f"127.0.0.1:{port}")
    running.result(PATIENCE * 10)
    assert kills == KILLS
    server.kill()
    server.start()

    api = API(server, server.root_token)
    accounts = [account for account in all_of(api, "/accounts") if account["name"].startswith("account ")]
    assert len(accounts) == ACCOUNTS == len({account["name"] for account in accounts})
    assert {account["id"] for account in accounts} == set(work.acknowledged.values())
    coverage = api.result("GET", f"/organizations/{organization}/idp_coverage")["summary"]
    assert coverage["accounts"] == ACCOUNTS + 1
    assert coverage["bridged"] == ACCOUNTS and coverage["source"] == 1 and coverage["missing"] == 0
    for account in dice.sample(accounts, 20):
        bridge = api.result("GET", f"/accounts/{account['id']}/access/idp_bridge")
        assert bridge["grant_id"] == primary["grant_id"] and bridge["connection_id"]
    integrity = api.result("GET", f"/organizations/{organization}/logs/audit/integrity")
    assert integrity["first_broken_id"] is None
    assert server.stop() == 0
    checked = server.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
