"""The figures of the last time that they were accepted, and by how much a change may exceed them."""
import json
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline.json")
# The floor, and the SDK as it comes: not ours to hold.
PEERS = ("hello", "defaults")
# A slope is a number near 0, of which a part in a hundred says nothing.
SLOPE = 0.01


def most(figure, before):
    """Sizes repeat exactly and instructions within 0.3 %; more than that is a change."""
    if figure.startswith("growth"):
        return max(before, 0) + SLOPE
    return before * (1.01 if figure == "bytes" else 1.02)


def renew(counted):
    kept = {name: row for name, row in counted.items() if name not in PEERS}
    with open(PATH, "w") as file:
        file.write(json.dumps(kept, indent=2) + "\n")
    print(f"the baseline is renewed: {os.path.relpath(PATH)}")


def holds(counted):
    """Whether nothing is exceeded; a figure that is missing on either side counts as exceeded."""
    if not os.path.exists(PATH):
        print("there is no baseline yet; write one with: cargo xtask bench --renew")
        return False
    with open(PATH) as file:
        before = json.load(file)
    wrong = []
    for name, row in before.items():
        for figure, value in row.items():
            now = counted.get(name, {}).get(figure)
            if now is None or now > most(figure, value):
                wrong.append(f"{name}: {figure} is {now}, was {value}")
    wrong += [f"{name} is not in the baseline" for name in counted if name not in before and name not in PEERS]
    for line in wrong:
        print(f"EXCEEDED {line}")
    if wrong:
        print("where that is meant: cargo xtask bench --renew")
    return not wrong
