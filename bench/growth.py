"""How the work of a request and of a sweep grows with the number of platforms: the slope of instructions against platforms,
both as logarithms. 0 is independent, 1 is in proportion.
"""
import json
import math

import subjects
from process import instructions

PLATFORMS = (10, 100, 1_000, 10_000)
FEW, MANY = 5, 25
# What a platform is read from; its journal and the names of its resources are not.
OF_A_PLATFORM = ("0#STATE", "1#SPEC", "TENANT")
BATCH = 25


def measure(scene, mine, folder):
    """Prints the table, and returns the slopes by name."""
    functions = {subject.name: subject for subject in mine}
    requests = {
        "player-config": lambda: [subjects.player_config(scene.platform)],
        "describe-platform, one": lambda: subjects.described(scene.platform)[:1],
        "describe-platform, ten of all": lambda: [subjects.listed(10)],
    }
    kept = Copies(scene)
    rows = {name: [] for name in (*requests, "provision, sweep, nothing due")}
    for number in PLATFORMS:
        kept.grow(number)
        scene.front.forget()
        for name, events in requests.items():
            rows[name].append(of_one(functions[name.split(",")[0]], scene.reading, events(), folder))
        sweep = [subjects.event("provision-sweep", scene.platform).encode()]
        rows["provision, sweep, nothing due"].append(of_one(functions["provision"], scene.plain, sweep, folder))
    print("\nInstructions of a request by platforms in the table")
    slopes = {name: shown(name, PLATFORMS, numbers) for name, numbers in rows.items()}
    return slopes


def of_one(subject, environment, events, folder):
    few, many = (instructions(subject.command, environment, events * number, folder) for number in (FEW, MANY))
    return (many - few) // (MANY - FEW)


def shown(name, amounts, numbers):
    print(f"{name:<32}" + "".join(f"{number:>12}" for number in numbers) + f"   slope {slope(amounts, numbers):.4f}", flush=True)
    return slope(amounts, numbers)


def slope(amounts, numbers):
    """Of the line through the logarithms, by least squares."""
    across, up = [math.log(amount) for amount in amounts], [math.log(number) for number in numbers]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    return sum((x - middle) * (y - height) for x, y in zip(across, up)) / sum((x - middle) ** 2 for x in across)


class Copies:
    """The scene's platform, again and again under other ids."""

    def __init__(self, scene):
        self._table = scene.client("dynamodb")
        self._name = scene.plain["HEADEND_TABLE"]
        self._number = 1
        self._id = scene.platform
        self._items = [item for item in self._all() if item["sk"]["S"] in OF_A_PLATFORM and self._id in item["pk"]["S"]]
        if len(self._items) != len(OF_A_PLATFORM):
            raise RuntimeError(f"a platform is {len(self._items)} items, not {len(OF_A_PLATFORM)}")
        self._rest()

    def _rest(self):
        """Nothing is due any more: platforms at rest are compared with AWS from time to time, and time is fast here."""
        for item in self._items:
            if item.pop("due_shard", None):
                item.pop("due_at")
                self._table.put_item(TableName=self._name, Item=item)

    def _all(self):
        for page in self._table.get_paginator("scan").paginate(TableName=self._name):
            yield from page["Items"]

    def grow(self, number):
        made = []
        for at in range(self._number, number):
            copy = json.dumps(self._items).replace(self._id, f"p-{at:012x}")
            made += json.loads(copy)
        for at in range(0, len(made), BATCH):
            puts = [{"PutRequest": {"Item": item}} for item in made[at : at + BATCH]]
            left = self._table.batch_write_item(RequestItems={self._name: puts})["UnprocessedItems"]
            if left:
                raise RuntimeError(f"{len(left)} items were not taken")
        self._number = max(self._number, number)
