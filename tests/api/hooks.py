"""What schemathesis can't know of this service: real ids of the demo's ward, and the reviewed list."""

import itertools
import json
import os
import uuid

import reviewed
import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

WARD = json.loads(os.environ["API_TEST_WARD"])
NUMBERS = itertools.count()


def is_from_ward(schema, name):
    """Values that are sent are the ward's; those in answers may be any."""
    schema["format"] = f"ward-{name}"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    schemas = raw_schema["components"]["schemas"]
    for name, values in WARD["ids"].items():
        schemathesis.openapi.format(f"ward-{name}", strategies.sampled_from(values))
        if name in schemas:
            is_from_ward(schemas[name], name)
    for schema in (schemas["ScanBody"], schemas["UploadItem"]["allOf"][0]):
        is_from_ward(schema["properties"]["code"], "code")
    is_from_ward(schemas["RosterBody"]["properties"]["codes"]["items"], "code")
    for item in raw_schema["paths"].values():
        for call in item.values():
            for parameter in call.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in ("nonce", "token"):
                    is_from_ward(parameter["schema"], parameter["name"])


if WARD["token"]:

    @schemathesis.auth(refresh_interval=None, retry_on=[])
    class Login:
        """The role's token; calls that end the login which makes them get one of their own."""

        def get(self, case, context):
            return WARD["ending"].get(case.path.removeprefix("/api/v1"), WARD["token"])

        def set(self, case, data, context):
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


# The fields of the forms that take a list.
FORM = {"file", "area_id", "campaign_id", "point_id", "unit", "options"}


def as_written(value):
    """Whole numbers without a point: a schema takes 5.0 for an integer, the service doesn't."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [as_written(item) for item in value]
    if isinstance(value, dict):
        return {name: as_written(field) for name, field in value.items()}
    return value


def as_written_in_text(field):
    """The same of a field of a form, which may be JSON as a text."""
    if not isinstance(field, str):
        return as_written(field)
    try:
        return json.dumps(as_written(json.loads(field)))
    except ValueError:
        return field


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A key that was used for another body is refused: each create gets its own.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.UUID(int=next(NUMBERS)))
    if case.media_type == "application/json":
        case.body = as_written(case.body)
    # Names of other parts may be no names of parts at all.
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        case.body = {name: as_written_in_text(field) for name, field in case.body.items() if name in FORM}
    # Phones wait up to 25 seconds for news.
    if case.query and "wait" in case.query:
        case.query["wait"] = 0


def is_null(case):
    """Whether the body is null where the document says that it may be: taken for a body that does not fit all the same."""
    media = (case.operation.definition.raw.get("requestBody") or {}).get("content", {})
    schemas = (kind.get("schema", {}) for kind in media.values())
    return case.body is None and any({"type": "null"} in schema.get("oneOf", []) for schema in schemas)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A request that fits the document and is refused only for what the reviewed list names is no failure."""
    if isinstance(failure, AcceptedNegativeData) and is_null(case):
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    call = f"{case.method} {case.path.removeprefix('/api/v1')}"
    errors = response.json().get("errors", [])
    lines = [reviewed.line_for(call, error["field"], error["code"]) for error in errors]
    if not lines or None in lines:
        return True
    with open(os.environ["API_TEST_USED"], "a", encoding="utf-8") as used:
        used.writelines(f"{line}\n" for line in lines)
    return False
