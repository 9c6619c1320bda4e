#!/usr/bin/env python3
"""Every mistake of the recipe that AWS refuses, sent raw on the wire, is refused here for the same reason.

    python tests/foreign/recipe_rejects.py --local target/debug/headend-local

For each number that aws-facts section 6 marks REJECT: in a fresh account the recipe's own request, with all of its
other mistakes put right, must be refused with the documented status and code, naming what is wrong; and with that
mistake put right too the same request must be accepted. One line for each number; the exit status is the verdict.
"""
import sys
import time

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import recipe
import recipe_repairs
import scripts
from local_cloud import LocalCloud
from raw_wire import RawWire
from recipe_names import NAMES, VISIBLE_SECS, learned

INPUT_POLLS = 100


class Attempt:
    """The recipe in one account, up to the request that must be refused."""

    def __init__(self, cloud, number):
        self.cloud = cloud
        self.wire = RawWire(cloud.aws)
        self.target, *self.expected, self.named = recipe_repairs.REJECTED[number]
        self.mistaken = recipe_repairs.repaired(but=number)
        self.right = recipe_repairs.repaired()

    def verdict(self):
        """None when it is as it must be, else what is not."""
        # A request id that comes again means the first request (aws-facts 1.5).
        names, repaired_names = {**NAMES, "ATTEMPT": "mistaken"}, {**NAMES, "ATTEMPT": "right"}
        for step, (service, operation, request) in self.mistaken.items():
            right = self.right[step][2]
            if step == self.target:
                refusal = self.wire.call(service, operation, **recipe.filled(request, names))
                if [refusal.status, refusal.code] != self.expected or self.named not in refusal.body:
                    expected = f"{self.expected} naming {self.named}"
                    return f"{operation} ({step}): expected {expected}, found {refusal.status} {refusal.body}"
                answer = self.wire.call(service, operation, **recipe.filled(right, repaired_names))
                accepted = answer.code is None
                return None if accepted else f"repaired, it is still refused: {answer.status} {answer.body}"
            problem = self.prepare(step, names, request)
            new = {name: names[name] for name in names if name not in repaired_names}
            repaired_names.update(new)
            if problem is None and right != request:
                problem = self.prepare(step, repaired_names, right)
            if problem is not None:
                return problem
        return f"there is no step {self.target}"

    def prepare(self, step, names, request):
        """Sends what the target needs; `names` learns what it is called."""
        service, operation, _ = self.mistaken[step]
        answer = self.wire.call(service, operation, **recipe.filled(request, names))
        if answer.code is not None:
            return f"{operation} ({step}) is refused before its turn: {answer.status} {answer.body}"
        names.update(learned(step, self.wire.read(service, operation, answer)))
        if step.endswith(" input"):
            return self.made(names[f"{step.split()[0].upper()}_INPUT_ID"])
        if step == "packaging":
            time.sleep(self.cloud.real_secs(VISIBLE_SECS))
        return None

    def made(self, input_id):
        """An input that is being made cannot be attached yet (aws-facts 1.2)."""
        for _ in range(INPUT_POLLS):
            state = self.wire.call("medialive", "DescribeInput", InputId=input_id).json()["state"]
            if state == "DETACHED":
                return None
            time.sleep(0.1)
        return f"input {input_id} is still {state}"


def main():
    asked = scripts.arguments(__doc__, speed=200)
    failed = 0
    for number in recipe_repairs.REJECTED:
        with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed) as cloud:
            problem = Attempt(cloud, number).verdict()
        step, status, code, named = recipe_repairs.REJECTED[number]
        if problem is None:
            refused = f"the {step} is refused with {status} {code} ({named})"
            print(f"ok {number}: {refused}, and accepted without the mistake", flush=True)
        else:
            failed += 1
            print(f"FAILED {number}: {problem}", flush=True)
    print(f"{len(recipe_repairs.REJECTED) - failed} mistakes are refused as AWS does, {failed} are not", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
