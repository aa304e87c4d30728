"""Run `berta` on many inputs."""

import json
import os
import subprocess
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")


def ask(berta, command, model, lines, *options):
    """The JSON results of `berta COMMAND MODEL` for input lines (texts or objects), in their order."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": line} if isinstance(line, str) else line) + "\n" for line in lines)
        file.flush()
        done = subprocess.run([berta, command, model, "--input", file.name, "--quiet", *options], check=True,
                              capture_output=True, text=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(lines), "%d results for %d inputs" % (len(results), len(lines))
    return results
