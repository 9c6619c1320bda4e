"""What the scripts of this folder have in common when they are started: options, paths, the end by a signal."""
import argparse
import os
import signal
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def parser(doc, speed):
    made = argparse.ArgumentParser(description=doc.split("\n", 1)[0])
    made.add_argument("--local", default="target/debug/headend-local", help="the local cloud; the functions lie beside it")
    made.add_argument("--speed", type=float, default=speed, help="how many times faster than real time the account lives")
    made.add_argument("--seed", type=int, default=1, help="seed of everything in the account that is random")
    return made


def read(made):
    # A SIGTERM for us must stop the local cloud too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))
    asked = made.parse_args()
    asked.local = os.path.join(ROOT, asked.local)
    if not os.path.exists(asked.local):
        sys.exit(f"{asked.local} is not there; build it with: cargo xtask dev (or name another with --local)")
    return asked


def arguments(doc, speed):
    return read(parser(doc, speed))
