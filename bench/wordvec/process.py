"""A process that runs alone: its time, memory and output, and what other programs used of the machine meanwhile."""

import os
import pathlib
import select
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench" / "peers"))

import client  # noqa: E402  (of bench/peers)

FOREIGN = 0.2  # cores that others may use during a turn that counts at once
POLLS = ((2.0, 0.005), (float("inf"), 0.05))  # until this second, look at the memory so often


class Mark:
    """A text of the output, and when it came for the first and for the last time."""

    def __init__(self, text):
        self.text = text.encode()
        self.first = self.last = None
        self.tail = b""

    def see(self, chunk, now):
        """The next part of the output."""
        text = self.tail + chunk
        if self.text in text:
            self.first = now if self.first is None else self.first
            self.last = now
        self.tail = text[-(len(self.text) - 1):]


def peak_of(process):
    """Largest resident memory so far, as `process` is "self" or a number."""
    try:
        lines = pathlib.Path("/proc/%s/status" % process).read_text().splitlines()
    except OSError:
        return 0  # has ended
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def watch(process, start, marks):
    """The output, with the marks seen in it, and the largest resident memory that was seen."""
    output, peak = b"", 0
    while True:
        now = time.perf_counter() - start
        wait = next(poll for until, poll in POLLS if now < until)
        ready, _, _ = select.select([process.stdout], [], [], wait)
        peak = max(peak, peak_of(process.pid))
        if not ready:
            continue
        chunk = os.read(process.stdout.fileno(), 1 << 16)
        if not chunk:
            return output, peak
        now = time.perf_counter() - start
        for mark in marks:
            mark.see(chunk, now)
        output += chunk


def run(command, folder, marks=()):
    """Run a command in a folder to its end. Facts as a dictionary; the output under "output"."""
    own, before, start = sum(os.times()[:2]), client.machine_busy(), time.perf_counter()
    floor = peak_of("self")
    process = subprocess.Popen([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, peak = watch(process, start, marks)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    seconds = time.perf_counter() - start
    text = output.decode("utf-8", "replace")
    if process.returncode != 0:
        raise SystemExit("%s\nended with status %d:\n%s" % (" ".join(map(str, command)), process.returncode, text[-2000:]))
    busy = usage.ru_utime + usage.ru_stime
    others = client.machine_busy() - before - busy - (sum(os.times()[:2]) - own)
    # The kernel's own figure counts the parent's memory before exec, too, so it serves only above that.
    exact = 1024 * usage.ru_maxrss
    return {"seconds": round(seconds, 3), "cpu_seconds": round(busy, 3),
            "peak_bytes": max(peak, exact if exact > 1.1 * floor else 0),
            "foreign_cores": round(max(0.0, others) / seconds, 2), "output": text}


def calm(action, tries=2):
    """The facts of `action()`, a dictionary; repeated where others used the machine, and then the calmest."""
    done = []
    while not done or (done[-1]["foreign_cores"] > FOREIGN and len(done) < tries):
        done.append(action())
    return min(done, key=lambda one: one["foreign_cores"])
