"""Generated requests, good and bad, against openapi.yaml: every answer must be one that the document describes."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from openapi import DOCUMENT
from world import populate

EXAMPLES = int(os.environ.get("ORGD_FUZZ_EXAMPLES", "8"))

schema = schemathesis.openapi.from_dict(DOCUMENT)
# The token is the test's to send; missing and wrong ones are in test_conventions.py.
schema.config.generation.update(with_security_parameters=False)

# Rules between members ("a domain for self_hosted", "one of roles and policies") and between resources ("the tag exists")
# are not in the schema, so a body that fits it may still be refused. What fits no schema must be refused: that is checked.
# Missing credentials are 400 with 9106, as the public API has it; test_conventions.py checks that.
EXCLUDED = [positive_data_acceptance, ignored_auth, missing_required_header]


@pytest.fixture(scope="module")
def world(server):
    return populate(server, "Fuzz0World")


def aim(case, world) -> None:
    """Points a case at resources that exist, unless the path is what it gets wrong or the account would be gone."""
    location = next((part for where, part in case.meta.components.items() if where.name == "PATH"), None)
    if location is None or location.mode.is_negative:
        return
    ids = dict(world.ids)
    if case.path.startswith("/client/v4/organizations/"):
        ids["member_id"] = ids["organization_member_id"]
    if "/access/policies/" in case.path:
        ids["policy_id"] = ids["reusable_policy_id"]
    names = [name for name in ids if name in case.path_parameters]
    if case.method == "DELETE" and names and case.path.endswith("}"):
        names = [name for name in names if not case.path.endswith(f"{{{name}}}")]
    for name in names:
        case.path_parameters[name] = ids[name]


def reads_as_absent(case) -> bool:
    """An empty value of a query parameter means that it is not there, whatever its schema; an object leaves no value at all."""
    return any(not value or value == [""] or isinstance(value, dict) for value in (case.query or {}).values())


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
          suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case, server, world):
    assert server.is_running, f"orgd has ended with {server.process.poll()} before this request: {server.log_tail()}"
    aim(case, world)
    headers = {"Authorization": f"Bearer {server.root_token}"} if case.path.startswith("/client/v4") else {}
    excluded = [*EXCLUDED, negative_data_rejection] if reads_as_absent(case) else EXCLUDED
    case.call_and_validate(base_url=server.url, headers=headers, excluded_checks=excluded)
