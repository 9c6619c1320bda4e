"""Takes recorded requests off the wire as the service's model (botocore's data) says: which operation it is, and its members.

A request in a recording is `{service, method, uri, headers, body | body_base64, ...}`. What has no place in the model
(an unknown member, a query parameter that nobody declares) is a problem, not an error.
"""
import base64
import io
import json
import re
import urllib.parse
import xml.etree.ElementTree

import botocore.session
from botocore.parsers import RpcV2CBORParser



class Models:
    """The models of the services, by the names they are recorded under."""

    def __init__(self):
        self._loader = botocore.session.get_session()
        self._models = {}

    def of(self, service):
        if service not in self._models:
            self._models[service] = self._loader.get_service_model(service)
        return self._models[service]


class Request:
    """One request as it was recorded, with the problems found while it was read."""

    def __init__(self, entry):
        self.method = entry["method"]
        split = urllib.parse.urlsplit(entry["uri"])
        self.path = split.path
        self.query = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
        self.headers = {name.lower(): value for name, value in entry["headers"].items()}
        binary = entry.get("body_base64")
        self.body = entry.get("body", "").encode() if binary is None else base64.b64decode(binary)
        self.problems = []

    def problem(self, text):
        self.problems.append(text)


def read(model, request):
    """(operation, members), or (None, {}) when the model has no such request."""
    if "smithy-protocol" in request.headers:
        return by_path(model, request, r"/service/[^/]+/operation/(?P<name>\w+)", cbor)
    if "x-amz-target" in request.headers:
        return by_target(model, request)
    if model.metadata["protocol"].startswith("rest-"):
        return by_route(model, request)
    if model.metadata.get("signatureVersion") and b"Action=" in request.body:
        request.problem("the query protocol is old: our clients speak CBOR or JSON")
    return None, {}


def by_path(model, request, pattern, decode):
    found = re.fullmatch(pattern, request.path)
    operation = named(model, found and found["name"])
    if request.headers["smithy-protocol"] != "rpc-v2-cbor":
        request.problem(f"smithy-protocol is {request.headers['smithy-protocol']}")
    return operation, decode(request.body) if operation else {}


def by_target(model, request):
    prefix, _, name = request.headers["x-amz-target"].partition(".")
    if prefix != model.metadata["targetPrefix"]:
        request.problem(f"the target {prefix} is not {model.metadata['targetPrefix']}")
    expected = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    if request.headers.get("content-type") != expected:
        request.problem(f"content-type is {request.headers.get('content-type')}, not {expected}")
    operation = named(model, name)
    return operation, from_json(operation.input_shape, json.loads(request.body), request, "") if operation else {}


def by_route(model, request):
    """The operation whose method and URI template fit; of two, the one with more of the template spelled out."""
    fitting = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        template, _, fixed = operation.http["requestUri"].partition("?")
        found = template_pattern(template).fullmatch(request.path)
        wanted = urllib.parse.parse_qsl(fixed, keep_blank_values=True)
        if operation.http["method"] == request.method and found and all(pair in request.query for pair in wanted):
            fitting.append((len(re.sub(r"{[^}]*}", "", template)), len(wanted), operation, found, wanted))
    if not fitting:
        return None, {}
    _, _, operation, found, wanted = max(fitting, key=lambda fit: fit[:2])
    return operation, rest_members(operation, request, found, wanted)


def template_pattern(template):
    parts = re.split(r"{([^}+]+)(\+?)}", template)
    pattern = re.escape(parts[0])
    for label, greedy, text in zip(parts[1::3], parts[2::3], parts[3::3]):
        pattern += f"(?P<{group(label)}>{'.+' if greedy else '[^/]+'})" + re.escape(text)
    return re.compile(pattern)


def group(label):
    """The name of a label's group: the models have labels such as `resource-arn`."""
    return label.replace("-", "_")


def named(model, name):
    return model.operation_model(name) if name in model.operation_names else None


def rest_members(operation, request, labels, fixed):
    """Members from the path, the query, the headers and the body."""
    shape = operation.input_shape
    if shape is None:
        return {}
    members, in_body = {}, {}
    query = {}
    for name, value in request.query:
        if (name, value) not in fixed:
            query.setdefault(name, []).append(value)
    for name, member in shape.members.items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri":
            members[name] = from_text(member, urllib.parse.unquote(labels[group(wire)]))
        elif place == "querystring":
            found = query.pop(wire, None)
            if found is not None:
                members[name] = from_query(member, found)
        elif place == "header":
            if wire.lower() in request.headers:
                members[name] = from_text(member, request.headers[wire.lower()])
        else:
            in_body[wire] = name
    for name in query:
        request.problem(f"unknown query parameter {name}")
    return {**members, **body_members(operation, request, in_body)}


def from_query(shape, found):
    if shape.type_name == "list":
        return [from_text(shape.member, each) for each in found]
    return from_text(shape, found[0])


def body_members(operation, request, in_body):
    shape = operation.input_shape
    payload = shape.serialization.get("payload")
    if not request.body:
        return {}
    if not in_body:
        if request.body != b"{}":
            request.problem(f"{operation.name} has no body, found {request.body[:80]!r}")
        return {}
    if operation.service_model.metadata["protocol"] == "rest-xml":
        return {payload: from_xml(shape.members[payload], xml.etree.ElementTree.fromstring(request.body), request, payload)}
    document = json.loads(request.body)
    known = {wire: document[wire] for wire in document if wire in in_body}
    for wire in document.keys() - known.keys():
        request.problem(f"unknown member {wire}")
    return from_json(shape, known, request, "")


def from_json(shape, value, request, path):
    """`value` with the model's names instead of the wire's."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        wire = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        out = {}
        for name, each in value.items():
            inner = f"{path}.{name}" if path else name
            if name not in wire:
                request.problem(f"unknown member {inner}")
            else:
                out[wire[name]] = from_json(shape.members[wire[name]], each, request, inner)
        return out
    if kind == "list" and isinstance(value, list):
        return [from_json(shape.member, item, request, f"{path}[{index}]") for index, item in enumerate(value)]
    if kind == "map" and isinstance(value, dict):
        return {key: from_json(shape.value, each, request, f"{path}[{key!r}]") for key, each in value.items()}
    return value


def from_xml(shape, element, request, path):
    kind = shape.type_name
    if kind == "structure":
        return structure_from_xml(shape, element, request, path)
    if kind == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if local(child) != item:
                request.problem(f"{path}: an item is called {local(child)}, not {item}")
        return [from_xml(shape.member, child, request, f"{path}[{index}]") for index, child in enumerate(element)]
    return from_text(shape, element.text or "")


def structure_from_xml(shape, element, request, path):
    wire = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    out = {}
    for child in element:
        inner = f"{path}.{local(child)}"
        if local(child) not in wire:
            request.problem(f"unknown member {inner}")
            continue
        name = wire[local(child)]
        if name in out:
            request.problem(f"{inner} is there twice")
        out[name] = from_xml(shape.members[name], child, request, inner)
    return out


def local(element):
    return element.tag.rpartition("}")[2]


def from_text(shape, text):
    """Numbers and booleans that the wire spells as text; what cannot be read stays text, and so is of the wrong type."""
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long", "float", "double"):
        try:
            return int(text) if shape.type_name in ("integer", "long") else float(text)
        except ValueError:
            return text
    return text


def cbor(body):
    parser = RpcV2CBORParser()
    return plain(parser.parse_data_item(io.BufferedReader(io.BytesIO(body)))) if body else {}


def plain(value):
    """Timestamps as numbers, like in the other protocols."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.timestamp() if hasattr(value, "timestamp") else value
