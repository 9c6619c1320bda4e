"""What a service's model (botocore's data) says of a value: types, required and unknown members, enums, patterns, bounds.

Values have the model's own member names and Python's types; how they came off the wire is `model_wire`'s part.
"""
import base64
import binascii
import re

# What a value is in Python, by the model's type. A bool is an int to Python and not to AWS.
NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}
# Java's classes of characters that Python's `re` does not have, as far as they concern the ASCII that we send.
JAVA_CLASSES = {"IsAlphabetic": "a-zA-Z", "L": "a-zA-Z", "Alnum": "a-zA-Z0-9", "N": "0-9", "Z": " ", "ASCII": "\\x00-\\x7f"}


# MediaLive's model keeps its bounds in the names of its types: `__integerMin0Max7`, `__stringMax255`,
# `__integerMinNegative60Max60`.
BOUND_IN_NAME = {"min": r"Min(Negative)?(\d+)", "max": r"Max(Negative)?(\d+)"}
# DynamoDB's own documentation calls it a union; botocore's model does not say so.
UNIONS = {"AttributeValue"}


def violations(shape, value, path=""):
    """Every way in which `value` is not what `shape` allows, as text that begins with where."""
    kind = shape.type_name
    if kind == "structure":
        yield from in_structure(shape, value, path)
    elif kind == "list":
        yield from in_list(shape, value, path)
    elif kind == "map":
        yield from in_map(shape, value, path)
    else:
        yield from in_scalar(shape, kind, value, path)


def in_structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{where(path)}: not a structure but {value!r}"
        return
    if getattr(shape, "is_document_type", False):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{where(path)}: required member {name} is missing"
    if (getattr(shape, "is_tagged_union", False) or shape.name in UNIONS) and len(value) != 1:
        yield f"{where(path)}: exactly one member is allowed, found {sorted(value)}"
    for name, member in value.items():
        if name not in shape.members:
            yield f"{where(path)}: unknown member {name}"
        elif member is not None:
            yield from violations(shape.members[name], member, f"{path}.{name}" if path else name)


def in_list(shape, value, path):
    if not isinstance(value, list):
        yield f"{where(path)}: not a list but {value!r}"
        return
    yield from out_of_bounds(shape, len(value), path, "items")
    for index, item in enumerate(value):
        yield from violations(shape.member, item, f"{path}[{index}]")


def in_map(shape, value, path):
    if not isinstance(value, dict):
        yield f"{where(path)}: not a map but {value!r}"
        return
    yield from out_of_bounds(shape, len(value), path, "entries")
    for key, member in value.items():
        yield from violations(shape.key, key, f"{path} (key {key!r})")
        yield from violations(shape.value, member, f"{path}[{key!r}]")


def in_scalar(shape, kind, value, path):
    if kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, NUMBERS[kind]):
            yield f"{where(path)}: not of type {kind} but {value!r}"
        else:
            yield from out_of_bounds(shape, value, path, "as its value")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{where(path)}: not a boolean but {value!r}"
    elif kind == "blob":
        yield from in_blob(shape, value, path)
    elif kind == "timestamp":
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            yield f"{where(path)}: not a timestamp but {value!r}"
    elif not isinstance(value, str):
        yield f"{where(path)}: not a string but {value!r}"
    else:
        yield from in_string(shape, value, path)


def in_blob(shape, value, path):
    if isinstance(value, str):
        try:
            value = base64.b64decode(value, validate=True)
        except binascii.Error:
            yield f"{where(path)}: not base64: {value!r}"
            return
    yield from out_of_bounds(shape, len(value), path, "bytes")


def in_string(shape, value, path):
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield f"{where(path)}: {value!r} is not one of {', '.join(allowed)}"
    yield from out_of_bounds(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield f"{where(path)}: {value!r} does not match {pattern}"


def out_of_bounds(shape, found, path, what):
    low, high = bound(shape, "min"), bound(shape, "max")
    if low is not None and found < low:
        yield f"{where(path)}: {found} {what}, at least {low} are wanted"
    if high is not None and found > high:
        yield f"{where(path)}: {found} {what}, at most {high} are allowed"


def bound(shape, side):
    if side in shape.metadata:
        return shape.metadata[side]
    found = re.search(BOUND_IN_NAME[side], shape.name) if shape.name.startswith("__") else None
    return found and int(found[2]) * (-1 if found[1] else 1)


def compiled(pattern):
    """Java's pattern as Python's. One that still does not compile is an error: it would check nothing."""

    def here(found):
        before = re.sub(r"\\.", "", pattern[: found.start()])
        in_class = before.count("[") > before.count("]")
        return JAVA_CLASSES[found[1]] if in_class else f"[{JAVA_CLASSES[found[1]]}]"

    return re.compile(re.sub(r"\\p{(\w+)}", here, pattern), re.DOTALL)


def where(path):
    return path or "the request"
