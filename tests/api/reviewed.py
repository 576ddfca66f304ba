"""The reviewed list: requests that fit the document and are refused all the same, for what no schema can say."""

import pathlib
import re
from fnmatch import fnmatchcase

LINES = [
    line
    for line in (pathlib.Path(__file__).parent / "reviewed.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def parts(line):
    """`POST /rounds` · `ends_at` · `before_start`, of the line before its reason."""
    call, field, code = line.split(": ", 1)[0].rsplit(" ", 2)
    return call, field, code


def line_for(call, field, code):
    """The line that allows this refusal; any position in a list is `[]`."""
    field = re.sub(r"\[[^]]*\]", "[]", field) or "-"
    for line in LINES:
        for_call, for_field, for_code = parts(line)
        if for_call in ("*", call) and fnmatchcase(field, for_field.replace("[", "[[]")) and for_code in ("*", code):
            return line
    return None


def unused(used):
    """The lines that no refusal needed."""
    seen = set(used.splitlines())
    return [line for line in LINES if line not in seen]
