"""One process under measurement, native or under callgrind."""
import os
import re
import signal
import subprocess
import time

from runtime_api import RuntimeApi


class Process:
    """A function with its Runtime API; use it with `with`. It is killed at the end."""

    def __init__(self, command, environment, events=(), log=None):
        self.api = RuntimeApi(events)
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        self._log = log or subprocess.DEVNULL
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.api.close()

    def secs_to_next(self, secs=60):
        if not self.api.first_asked.wait(secs):
            raise RuntimeError(f"no question for an event within {secs} s (exit code {self.process.poll()})")
        return time.perf_counter() - self.begun

    def _stat(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()

    def cpu_secs(self):
        """Of all threads, as the scheduler counts: the ticks of `stat` miss what is shorter than a tick."""
        nanoseconds = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat") as file:
                nanoseconds += int(file.read().split()[0])
        return nanoseconds / 1e9

    def faults(self):
        stat = self._stat()
        return int(stat[7]) + int(stat[9])

    def memory(self):
        """(resident now, the most so far), in bytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            text = file.read()
        return tuple(int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) * 1024 for name in ("VmRSS", "VmHWM"))

    def settle(self):
        """Until it uses no processor any more: after the last answer there is some tidying up."""
        before, quiet = None, 0
        while quiet < 5:
            now = self._stat()[11:13]
            quiet = quiet + 1 if now == before else 0
            before = now
            time.sleep(0.02)


def instructions(command, environment, events, folder):
    """How many it takes from exec until all events are answered and the next is asked for."""
    out = f"{folder}/callgrind.out"
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet"]
    with open(f"{folder}/callgrind.log", "w+") as log:
        with Process([*tool, *command], environment, events, log) as run:
            run.api.wait_idle()
            run.settle()
            run.process.send_signal(signal.SIGTERM)
            run.process.wait(60)
    with open(out) as file:
        totals = re.findall(r"^(?:totals|summary): (\d+)", file.read(), re.MULTILINE)
    if not totals:
        raise RuntimeError(f"callgrind counted nothing; see {folder}/callgrind.log")
    return int(totals[-1])
