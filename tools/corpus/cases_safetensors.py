"""Safetensors files that break one rule each."""
import json

from containers import entry, safetensors

D4, D8 = b"\0" * 4, b"\0" * 8
ONE = entry([1], 0, 4)


def one(**changes):
    return {"a": {key: value for key, value in (ONE | changes).items() if value is not None}}


def raw(text):
    return safetensors(text, D4)


HEADER = json.dumps({"a": ONE}, separators=(",", ":"))

CASES = {
    # The length.
    "empty.safetensors": (b"", "at least 8 bytes"),
    "one-byte.safetensors": (b"\x08", "at least 8 bytes"),
    "seven-bytes.safetensors": (b"\x08" + b"\0" * 6, "at least 8 bytes"),
    "length-only.safetensors": (b"\x08" + b"\0" * 7, "beyond the file"),
    "length-zero.safetensors": (D8, "begin with '{'"),
    "length-one-too-long.safetensors": (safetensors("{}", length=3), "beyond the file"),
    "length-over-limit.safetensors": (safetensors("{}", length=100_000_001), "over the limit"),
    "length-max.safetensors": (safetensors("{}", length=2**64 - 1), "over the limit"),
    "length-wraps.safetensors": (safetensors("{}", length=2**64 - 8), "over the limit"),
    "length-signed-min.safetensors": (safetensors("{}", length=2**63), "over the limit"),
    "length-at-limit.safetensors": (safetensors("{}", length=100_000_000), "beyond the file"),
    "length-cuts-header.safetensors": (safetensors(HEADER, D4, length=10), "invalid JSON"),
    "length-big-endian.safetensors": (b"\0" * 7 + b"\x02{}", "over the limit"),
    # The header as JSON.
    "not-json.safetensors": (raw("{hello}"), "invalid JSON"),
    "array.safetensors": (raw("[]"), "begin with '{'"),
    "string.safetensors": (raw('"a"'), "begin with '{'"),
    "leading-space.safetensors": (raw(" " + HEADER), "begin with '{'"),
    "leading-mark.safetensors": (raw("\ufeff" + HEADER), "begin with '{'"),
    "padded-with-zeros.safetensors": (raw(HEADER + "\0\0"), "invalid JSON"),
    "text-after.safetensors": (raw(HEADER + " x"), "invalid JSON"),
    "two-objects.safetensors": (raw(HEADER + "{}"), "invalid JSON"),
    "unclosed.safetensors": (raw(HEADER[:-1]), "invalid JSON"),
    "trailing-comma.safetensors": (raw(HEADER[:-1] + ",}"), "invalid JSON"),
    "invalid-utf8.safetensors": (safetensors(b'{"\xff":1}', D4), "invalid UTF-8"),
    "overlong-utf8.safetensors": (safetensors(b'{"\xc0\x80":1}', D4), "invalid UTF-8"),
    "surrogate-utf8.safetensors": (safetensors(b'{"\xed\xa0\x80":1}', D4), "invalid UTF-8"),
    "lone-surrogate.safetensors": (raw(HEADER.replace('"a"', '"\\ud800"')), "surrogate"),
    "control-character.safetensors": (raw(HEADER.replace('"a"', '"\x01"')), "control character"),
    "nan.safetensors": (raw(HEADER[:-2] + ',"x":NaN}}'), "invalid JSON"),
    "number-too-large.safetensors": (raw(HEADER[:-2] + ',"x":1e999}}'), "invalid JSON"),
    "deep-arrays.safetensors": (raw('{"a":' + "[" * 3000 + "]" * 3000 + "}"), "nested deeper"),
    "deep-objects.safetensors": (raw('{"a":' * 500 + "1" + "}" * 500), "nested deeper"),
    "deep-unclosed.safetensors": (raw('{"a":' + "[" * 3500), "nested deeper"),
    "name-twice.safetensors": (raw(HEADER[:-1] + "," + HEADER[1:]), "twice"),
    "name-twice-escaped.safetensors": (raw(HEADER[:-1] + ',"\\u0061":' + HEADER[5:]), "twice"),
    "dtype-twice.safetensors": (raw(HEADER[:-2] + ',"dtype":"F32"}}'), "twice"),
    "metadata-twice.safetensors": (raw('{"__metadata__":{},"__metadata__":{}}'), "twice"),
    # Metadata.
    "metadata-string.safetensors": (safetensors({"__metadata__": "x"} | one(), D4), "__metadata__"),
    "metadata-array.safetensors": (safetensors({"__metadata__": []} | one(), D4), "__metadata__"),
    "metadata-number-value.safetensors": (safetensors({"__metadata__": {"k": 1}} | one(), D4), "__metadata__"),
    "metadata-null-value.safetensors": (safetensors({"__metadata__": {"k": None}} | one(), D4), "__metadata__"),
    "metadata-nested.safetensors": (safetensors({"__metadata__": {"k": {}}} | one(), D4), "__metadata__"),
    # Entries.
    "entry-null.safetensors": (safetensors({"a": None}, D4), '"a"'),
    "entry-string.safetensors": (safetensors({"a": "F32"}, D4), '"a"'),
    "entry-list.safetensors": (safetensors({"a": ["F32", [1], [0, 4]]}, D4), '"a"'),
    "dtype-missing.safetensors": (safetensors(one(dtype=None), D4), "dtype"),
    "dtype-number.safetensors": (safetensors(one(dtype=32), D4), "dtype"),
    "dtype-lower-case.safetensors": (safetensors(one(dtype="f32"), D4), "dtype"),
    "dtype-unknown.safetensors": (safetensors(one(dtype="F128"), D4), "F128"),
    "dtype-object.safetensors": (safetensors(one(dtype={"F32": None}), D4), "dtype"),
    "dtype-with-zero.safetensors": (safetensors(one(dtype="F32\0"), D4), "dtype"),
    "shape-missing.safetensors": (safetensors(one(shape=None), D4), "shape"),
    "shape-number.safetensors": (safetensors(one(shape=1), D4), "shape"),
    "shape-null-extent.safetensors": (safetensors(one(shape=[None]), D4), "shape"),
    "shape-string-extent.safetensors": (safetensors(one(shape=["1"]), D4), "shape"),
    "shape-negative.safetensors": (safetensors(one(shape=[-1]), D4), "shape"),
    "shape-two-negatives.safetensors": (safetensors(one(shape=[-1, -1]), D4), "shape"),
    "shape-fraction.safetensors": (safetensors(one(shape=[0.5]), D4), "shape"),
    "shape-float.safetensors": (raw(HEADER.replace("[1]", "[1.0]")), "shape"),
    "shape-minus-zero.safetensors": (raw(HEADER.replace("[1]", "[-0]")), "shape"),
    "shape-nested.safetensors": (safetensors(one(shape=[[1]]), D4), "shape"),
    "shape-too-large.safetensors": (safetensors(one(shape=[2]), D4), "data_offsets"),
    "shape-too-small.safetensors": (safetensors(one(shape=[0]), D4), "data_offsets"),
    "shape-overflow.safetensors": (safetensors(one(shape=[2**62, 4]), D4), "shape"),
    "shape-overflow-to-fit.safetensors": (safetensors(one(shape=[2**32, 2**32 + 1]), D4), "shape"),
    "shape-bytes-overflow.safetensors": (safetensors(one(shape=[2**62 + 1]), D4), "shape"),
    "shape-overflow-then-zero.safetensors": (safetensors(one(shape=[2**62, 4, 0]), D4), "shape"),
    "shape-beyond-int64.safetensors": (safetensors(one(shape=[2**63]), D4), "shape"),
    "shape-beyond-uint64.safetensors": (safetensors(one(shape=[10**30]), D4), "shape"),
    "bits-broken-byte.safetensors": (safetensors(one(dtype="F4", shape=[7]), D4), "shape"),
    # Places.
    "offsets-missing.safetensors": (safetensors(one(data_offsets=None), D4), "data_offsets"),
    "offsets-one.safetensors": (safetensors(one(data_offsets=[0]), D4), "data_offsets"),
    "offsets-three.safetensors": (safetensors(one(data_offsets=[0, 4, 4]), D4), "data_offsets"),
    "offsets-object.safetensors": (safetensors(one(data_offsets={"0": 0}), D4), "data_offsets"),
    "offsets-negative.safetensors": (safetensors(one(data_offsets=[-4, 0]), D4), "data_offsets"),
    "offsets-strings.safetensors": (safetensors(one(data_offsets=["0", "4"]), D4), "data_offsets"),
    "offsets-reversed.safetensors": (safetensors(one(data_offsets=[4, 0]), D4), "data_offsets"),
    "offsets-max.safetensors": (safetensors(one(data_offsets=[0, 2**64 - 1]), D4), "data_offsets"),
    "offsets-int64-max.safetensors": (safetensors(one(data_offsets=[0, 2**63 - 1]), D4), "data_offsets"),
    "hole-at-start.safetensors": (safetensors(one(data_offsets=[4, 8]), D8), "data_offsets"),
    "hole-between.safetensors": (
        safetensors({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, D8 + D4), "data_offsets"),
    "overlap.safetensors": (safetensors({"a": entry([2], 0, 8), "b": entry([1], 4, 8)}, D8), "data_offsets"),
    "same-place.safetensors": (safetensors({"a": entry([1], 0, 4), "b": entry([1], 0, 4)}, D4), "data_offsets"),
    "bytes-after.safetensors": (safetensors(one(), D8), "after the header"),
    "bytes-missing.safetensors": (safetensors(one(), b"\0" * 3), "after the header"),
    "no-payload.safetensors": (safetensors(one()), "after the header"),
    "payload-without-tensors.safetensors": (safetensors("{}", D4), "after the header"),
    "zip-behind.safetensors": (safetensors(one(), D4 + b"PK\x05\x06" + b"\0" * 18), "after the header"),
    "metadata-only-with-payload.safetensors": (safetensors({"__metadata__": {}}, D4), "after the header"),
    "lfs-pointer.safetensors": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
    "html.safetensors": (b"<!DOCTYPE html><html><body>Not found</body></html>", "over the limit"),
}
