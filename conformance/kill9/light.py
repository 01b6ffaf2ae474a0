"""IAM and STS by a client that costs next to nothing: one form, one signature, one connection a
request. With `--iam` a round is a few hundred requests, and the real SDK would be most of its cost;
that the SDKs understand the server is shown elsewhere (`conformance clients`, `iam`)."""

import json
import re
import sys
import xml.etree.ElementTree as tree
from pathlib import Path
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "first-request"))

from raw import Raw  # noqa: E402

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
_NAMESPACE = re.compile(r"^\{[^}]*\}")


class Refused(Exception):
    """An answer that is no success, or none at all."""


class Light:
    """Calls operations under the names that boto3 gives them; answers what boto3 would."""

    def __init__(self, house, credential, service):
        self.raw, self.version = Raw(house, credential, service), VERSIONS[service]

    def __getattr__(self, name):
        action = "".join(word.capitalize() for word in name.split("_"))

        def call(**parameters):
            said = {key: _word(value) for key, value in parameters.items()}
            answer = self.raw.form(Action=action, Version=self.version, **said)
            if answer.status != 200:
                raise Refused(f"{action}: {answer}")
            return _read(answer)

        return call

    def pages(self, name, **parameters):
        """Every page of a list."""
        page = getattr(self, name)(**parameters)
        yield page
        while page.get("IsTruncated") is True:
            page = getattr(self, name)(**parameters, Marker=page["Marker"])
            yield page


def _word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(answer):
    root = tree.fromstring(answer.body)
    result = next((child for child in root if child.tag.endswith("Result")), None)
    read = {} if result is None else _value(result) or {}
    read["ResponseMetadata"] = {"RequestId": answer.headers.get("x-amzn-requestid")}
    return read


def _value(element):
    children = list(element)
    if not children:
        name, text = _NAMESPACE.sub("", element.tag), element.text or ""
        if name.endswith("Document") and text:
            return json.loads(unquote(text))
        return {"true": True, "false": False}.get(text, text)
    names = {_NAMESPACE.sub("", child.tag) for child in children}
    if names == {"member"}:
        return [_value(child) for child in children]
    return {_NAMESPACE.sub("", child.tag): _value(child) for child in children}
