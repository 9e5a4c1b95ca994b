"""The document itself: valid, honest about its examples, and the one that the server serves."""

import httpx
import jsonschema
import openapi_spec_validator
import pytest
import yaml

from openapi import DOCUMENT, METHODS
from server import ROOT


def test_the_document_is_valid():
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize("name", [n for n, r in DOCUMENT["components"]["responses"].items() if "content" in r])
def test_examples_fit_their_schema(name):
    content = DOCUMENT["components"]["responses"][name]["content"]["application/json"]
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    examples = [content["example"]] if "example" in content else [
        DOCUMENT["components"]["examples"][link["$ref"].rpartition("/")[2]]["value"] for link in content["examples"].values()]
    for example in examples:
        jsonschema.Draft202012Validator(schema).validate(example)


def test_every_operation_is_named_and_guarded():
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                assert operation["operationId"] and operation["summary"] and operation["x-permission"]
                assert (operation["x-permission"] == "none") == (not path.startswith("/client/v4"))


def test_the_server_serves_it(server):
    answer = httpx.get(f"{server.url}/openapi.yaml")
    assert answer.status_code == 200
    assert answer.content == (ROOT / "openapi.yaml").read_bytes()
    assert yaml.safe_load(answer.text)["openapi"].startswith("3.1")
