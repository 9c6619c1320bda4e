"""What schemathesis calls before each request: most Idempotency-Keys become new ones. And a mending of its generator.

The keys that it makes up are short and come again; nearly every request would end at a key that belongs to another one.
One key in eight stays as it is, so that repeated and reused keys are asked too.
"""
import itertools
import string

import schemathesis
from hypothesis import strategies
from schemathesis.core.errors import InvalidSchema
from schemathesis.generation.jsonschema import strategy

HEADER = "Idempotency-Key"
VISIBLE = set(string.ascii_letters + string.digits + string.punctuation)
numbers = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get(HEADER)
    if not isinstance(key, str) or not 1 <= len(key) <= 200 or not set(key) <= VISIBLE:
        return
    number = next(numbers)
    if number % 8:
        case.headers[HEADER] = f"{key}-{number}"


# From a schema it makes many that contradict it in one place. Where one of them has no value at all inside an array, its generator
# gives up the whole operation, although it means to leave out that one and to go on with the others (4.32.5).
repeated = strategy._repeated


def repeated_or_nothing(*arguments, **options):
    try:
        return repeated(*arguments, **options)
    except InvalidSchema:
        return strategies.nothing()


strategy._repeated = repeated_or_nothing
