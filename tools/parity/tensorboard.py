#!/usr/bin/env python3
"""Read the event files of `report_sample` with TensorBoard's own reader, and compare with what was written.

usage: tensorboard.py [--sample build/tests/report_sample]
       (pip install 'tensorboard<3' 'setuptools<81'; not started as a module, so its name hides nothing)

The sample is a run that was interrupted at step 40 and resumed from step 30. TensorBoard must show 50 steps, the
repeated ones as the second part wrote them. Event files that are cut anywhere must still be read.
"""

import argparse
import math
import pathlib
import subprocess
import sys
import tempfile

sys.path = [path for path in sys.path if pathlib.Path(path or ".").resolve() != pathlib.Path(__file__).parent.resolve()]
from tensorboard.backend.event_processing import event_accumulator, event_file_loader, plugin_event_accumulator
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util


def expected_losses():
    """(step, value) of the loss, as the sample writes them, without the last that is no number."""
    return [(step, -float(step) if step <= 30 else float(step)) for step in range(1, 51)]


def check_old_reader(folder):
    """The reader that gives scalars as floats."""
    reader = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    assert set(reader.Tags()["scalars"]) == {"train/loss", "dev/a<b"}, reader.Tags()
    losses = [(event.step, event.value) for event in reader.Scalars("train/loss")]
    assert losses[:-1] == expected_losses(), losses
    assert losses[-1][0] == 51 and math.isnan(losses[-1][1])


def check_new_reader(folder):
    """The reader behind the pages of TensorBoard, which sees all as tensors of a plugin."""
    reader = plugin_event_accumulator.EventAccumulator(folder, size_guidance={"tensors": 0}).Reload()
    assert set(reader.PluginTagToContent("scalars")) == {"train/loss", "dev/a<b"}
    losses = [(event.step, float(tensor_util.make_ndarray(event.tensor_proto))) for event in reader.Tensors("train/loss")]
    assert losses[:-1] == expected_losses(), losses
    assert set(reader.PluginTagToContent("text")) == {"command"}
    text = tensor_util.make_ndarray(reader.Tensors("command")[0].tensor_proto).item().decode()
    assert text == "    berta finetune\n      --seed 1", text


def check_bytes(path):
    """TensorBoard's protobufs and its writer of records make the same bytes of the same events."""
    events = list(event_file_loader.LegacyEventFileLoader(path).Load())
    copy = pathlib.Path(path + ".copy")
    with open(copy, "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
    same = copy.read_bytes() == pathlib.Path(path).read_bytes()
    copy.unlink()
    assert same, "%s: TensorBoard writes other bytes" % path
    return len(events)


def check_cuts(whole, torn):
    """A file without its last bytes holds all whole records."""
    ends = [0]
    while ends[-1] < len(whole):
        ends.append(ends[-1] + 16 + int.from_bytes(whole[ends[-1]:ends[-1] + 8], "little"))
    for size in range(len(whole) - 100, len(whole)):
        torn.write_bytes(whole[:size])
        read = len(list(event_file_loader.RawEventFileLoader(str(torn)).Load()))
        assert read == sum(0 < end <= size for end in ends), (size, read)


def main():
    """Write the sample and read it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", default="build/tests/report_sample")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        subprocess.run([arguments.sample, folder], check=True)
        check_old_reader(folder)
        check_new_reader(folder)
        for path in sorted(pathlib.Path(folder).glob("events.*")):
            count = check_bytes(str(path))
            print("%s: %d events, the bytes that TensorBoard writes" % (path.name, count))
            check_cuts(path.read_bytes(), pathlib.Path(other) / "torn")
    print("50 steps after the resume, as written")


if __name__ == "__main__":
    main()
