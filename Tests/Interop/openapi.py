"""openapi.yaml as the tests use it: its operations, and bodies that fit its schemas."""

from dataclasses import dataclass

import yaml

from server import ROOT

DOCUMENT = yaml.safe_load((ROOT / "openapi.yaml").read_text())
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    permission: str
    body: dict | None

    def __str__(self) -> str:
        return self.id


def operations() -> list[Operation]:
    """Everything below /client/v4, with paths as the API's clients know them."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item and path.startswith("/client/v4"):
                operation = item[method]
                content = operation.get("requestBody", {}).get("content", {}).get("application/json")
                found.append(Operation(
                    operation["operationId"], method.upper(), path.removeprefix("/client/v4"), operation["x-permission"],
                    content and content["schema"]))
    return found


def resolve(schema: dict) -> dict:
    while "$ref" in schema:
        _, _, kind, name = schema["$ref"].split("/")
        schema = DOCUMENT["components"][kind][name]
    return schema


SAMPLES = {
    "Hex": "0190b7f0c0de7a11a5c0ffee00000001", "UUID": "0190b7f0-c0de-7a11-a5c0-ffee00000001", "Name": "sample",
    "Email": "sample@example.com", "Instant": "2030-01-01T00:00:00Z", "Duration": "24h", "URL": "https://sample.example.com/x",
    "CIDR": "10.0.0.0/8", "Color": "#112233", "Rule": {"everyone": {}},
}


def sample(schema: dict):
    """The smallest body that fits: required members only."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in SAMPLES:
        return SAMPLES[name]
    schema = resolve(schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("oneOf", "anyOf"):
        if choice in schema and "properties" not in schema:
            return sample(schema[choice][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        required = schema.get("required", [])
        for choice in schema.get("oneOf", []) + schema.get("anyOf", []):
            required = [*required, *choice.get("required", [])]
            break
        body = {name: sample(schema["properties"][name]) for name in required}
        if not body and schema.get("minProperties"):
            body = {"com.cloudflare.api.account.*": "*"}
        return body
    if kind == "array":
        return [sample(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if kind == "integer":
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if kind == "string":
        if "<team>" in str(schema.get("description")):
            return "sample.access.localhost"
        return "sample" + "x" * max(0, schema.get("minLength", 0) - 6)
    return None
