"""The machine, the versions and the commit that results belong to."""

import datetime
import importlib.metadata
import os
import platform
import re
import shlex
import subprocess
import sys

import model_folder

PACKAGES = ("torch", "transformers", "onnxruntime", "openvino", "nncf", "onnx", "tokenizers", "numpy")
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "avx_vnni")
PLACES = ("--build", "--output", "--texts", "--model", "--work", "--berta", "--data")  # options that say where files lie


def git(*words):
    """What git says of the project, or nothing."""
    done = subprocess.run(["git", "-C", str(model_folder.ROOT), *words], capture_output=True, text=True)
    return done.stdout.strip()


def cpu():
    """Model, microcode and features of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return {"cpu": platform.processor()}

    def field(name):
        found = re.search(r"^%s\s*: (.*)$" % name, text, re.MULTILINE)
        return found.group(1) if found else ""

    flags = field("flags").split()
    return {"cpu": field("model name"), "family": field("cpu family"), "model": field("model"),
            "microcode": field("microcode"), "features": [flag for flag in FLAGS if flag in flags]}


def command(script):
    """The command line of a script, without the places of files."""
    words = iter(sys.argv[1:])
    kept = []
    for word in words:
        if word in PLACES:
            next(words, None)
        else:
            kept.append(word)
    return shlex.join([script, *kept])


def system():
    """"Linux 6.1"."""
    return "%s %s" % (platform.system(), ".".join(platform.release().split(".")[:2]))


def of_run(script="bench/peers/run.sh"):
    """What was run when, on which sources."""
    changed = "+" if git("status", "--porcelain", "src") else ""
    return {"command": command(script), "date": datetime.date.today().isoformat(),
            "commit": git("rev-parse", "--short", "HEAD") + changed}


def machine():
    """The machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {**cpu(), "cores": os.cpu_count(), "memory_bytes": pages, "system": system()}


def of_machine():
    """The machine and the versions."""
    return {"machine": machine(), "versions": {name: importlib.metadata.version(name) for name in PACKAGES}}
