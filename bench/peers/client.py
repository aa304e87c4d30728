"""The driver's side of a worker: start it, ask it, wait until it is idle, look at its memory."""

import glob
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
POLL = 0.005  # seconds between two looks at an idle process
STILL = 0.1  # share of a core below which it counts as idle


class Worker:
    """One engine in its own process."""

    def __init__(self, name, plan, threads, tokenizer=None):
        self.name = name
        self.started = time.perf_counter()
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), RAYON_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(command(name, plan, threads, tokenizer), stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=plan.log, env=environment)
        self.load_ms = self.read()["load_ms"]

    def read(self):
        """The next answer."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("%s ended with status %s; its messages are in workers.log"
                             % (self.name, self.process.wait()))
        return json.loads(line)

    def ask(self, request):
        """Answer to a request."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.read()

    def busy(self):
        """Seconds that all its threads have run."""
        total = 0
        for path in glob.glob("/proc/%d/task/*/schedstat" % self.process.pid):
            try:
                total += int(pathlib.Path(path).read_text().split()[0])
            except OSError:
                pass  # the thread has ended
        return 1e-9 * total

    def settle(self, longest=1.0):
        """Wait until the process is idle. False if it still runs after `longest` seconds."""
        end = time.perf_counter() + longest
        before = self.busy()
        while time.perf_counter() < end:
            time.sleep(POLL)
            now = self.busy()
            if now - before < STILL * POLL:
                return True
            before = now
        return False

    def peak_bytes(self):
        """Largest resident memory so far."""
        for line in pathlib.Path("/proc/%d/status" % self.process.pid).read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
        return 0

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def machine_busy():
    """Seconds that all cores together have worked, or that the host took from them."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def command(name, plan, threads, tokenizer):
    """The command line of an engine's worker."""
    engine, kind = name.split("-")
    more = [str(tokenizer)] if tokenizer else []
    if engine == "berta":
        return [str(plan.berta), str(plan.model), kind, str(threads), *more]
    if engine == "prepared":
        return [str(plan.berta), str(plan.cache / name), kind, str(threads), *more]
    return [sys.executable, str(HERE / "worker.py"), name, str(plan.cache), str(plan.model), str(threads), *more]
