"""What schemathesis calls before each request: most Idempotency-Keys become new ones.

The keys that it makes up are short and come again; nearly every request would end at a key that belongs to another one.
One key in eight stays as it is, so that repeated and reused keys are asked too.
"""
import itertools
import string

import schemathesis

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
