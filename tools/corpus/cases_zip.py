"""torch.save files whose zip archive is wrong."""
import struct
import zlib

from containers import BLOCK, Zip, archive, state, PROTO, STOP, text


def packed(data):
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


def with_entry(entry_name, data=b"x", **wrong):
    return archive().add(entry_name, data, **wrong).bytes()


def zip64_extra(*numbers):
    raw = struct.pack(f"<{len(numbers)}Q", *numbers)
    return struct.pack("<HH", 1, len(raw)) + raw


GOOD = archive().bytes()
LARGE = 0xFFFFFFFF

CASES = {
    "empty.bin": (b"", "found nothing"),
    "magic-only.bin": (b"PK", "at least 22 bytes"),
    "local-magic-only.bin": (b"PK\x03\x04" + b"\0" * 30, "no end record"),
    "text.bin": (b"hello\n", "neither a zip archive nor a pickle"),
    "html.bin": (b"<!DOCTYPE html><html></html>", "neither a zip archive nor a pickle"),
    "lfs-pointer.bin": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
    "safetensors-inside.bin": (b"\x02\0\0\0\0\0\0\0{}", "neither a zip archive nor a pickle"),
    "tar.bin": (b"x\0" + b"\0" * 255 + b"ustar\0" + b"\0" * 300, "tar archive"),
    "end-only.bin": (Zip().bytes(), "data.pkl"),
    "half.bin": (GOOD[: len(GOOD) // 2], "no end record"),
    "without-last-byte.bin": (GOOD[:-1], "no end record"),
    "byte-after.bin": (GOOD + b"\0", "no end record"),
    "end-signature.bin": (archive().bytes(end_signature=0x06054B51), "no end record"),
    "comment-too-long.bin": (archive().bytes(comment_bytes=5), "no end record"),
    "comment-too-short.bin": (archive().bytes(comment=b"12345", comment_bytes=4), "no end record"),
    "several-disks.bin": (archive().bytes(disk=1), "disks"),
    "directory-offset-beyond.bin": (archive().bytes(offset=2**31), "directory"),
    "directory-offset-max.bin": (archive().bytes(offset=LARGE), "directory"),
    "directory-offset-early.bin": (archive().bytes(offset=0), "directory"),
    "directory-size-zero.bin": (archive().bytes(size=0), "directory"),
    "directory-size-max.bin": (archive().bytes(size=LARGE), "directory"),
    "count-zero.bin": (archive().bytes(count=0), "directory"),
    "count-too-few.bin": (archive().bytes(count=2), "directory"),
    "count-too-many.bin": (archive().bytes(count=5), "directory"),
    "count-max.bin": (archive().bytes(count=0xFFFF), "directory"),
    "zip64-record-beyond.bin": (archive().bytes(zip64={}, record=2**40), "zip64"),
    "zip64-record-max.bin": (archive().bytes(zip64={}, record=2**64 - 1), "zip64"),
    "zip64-record-signature.bin": (archive().bytes(zip64={"signature": 1}), "zip64"),
    "zip64-count-max.bin": (archive().bytes(zip64={"count": 2**64 - 1}), "directory"),
    "zip64-size-max.bin": (archive().bytes(zip64={"size": 2**64 - 1}), "directory"),
    "zip64-offset-max.bin": (archive().bytes(zip64={"offset": 2**64 - 1}), "directory"),
    "zip64-offset-wraps.bin": (archive().bytes(zip64={"offset": 2**64 - 64, "size": 128}), "directory"),
    "central-signature.bin": (with_entry("m/x", signature=1), "signature"),
    "local-signature.bin": (with_entry("m/x", local_signature=1), "signature"),
    "local-name-differs.bin": (with_entry("m/x", local_name=b"m/y"), "another name"),
    "local-name-longer.bin": (with_entry("m/x", local_name=b"m/xx"), "another name"),
    "local-method-differs.bin": (with_entry("m/x", local_method=8), "another method"),
    "central-name-too-long.bin": (with_entry("m/x", name_bytes=0xFFFF), "ends early"),
    "entry-beyond-file.bin": (with_entry("m/x", offset=2**31), "outside"),
    "entry-offset-max.bin": (with_entry("m/x", offset=LARGE), "outside"),
    "entry-size-beyond.bin": (with_entry("m/x", size=2**31), "beyond"),
    "entry-into-directory.bin": (with_entry("m/x", size=40), "beyond"),
    "entry-size-max-64.bin": (
        with_entry("m/x", size=LARGE, extra=zip64_extra(2**64 - 1, 2**64 - 1)), "beyond"),
    "entry-offset-max-64.bin": (with_entry("m/x", offset=LARGE, extra=zip64_extra(2**64 - 20)), "outside"),
    "entry-zip64-short.bin": (with_entry("m/x", size=LARGE, extra=zip64_extra(1)), "zip64"),
    "entry-zip64-missing.bin": (with_entry("m/x", size=LARGE), "beyond"),
    "extra-broken.bin": (with_entry("m/x", extra=b"\x01\0\xff\xff"), "extra field"),
    "extra-without-end.bin": (with_entry("m/x", extra=b"\x07\0\x10\0\x01"), "extra field"),
    "sizes-differ.bin": (with_entry("m/x", packed=5), "stored in 5 bytes"),
    "encrypted.bin": (with_entry("m/x", flags=1), "encrypted"),
    "compressed.bin": (
        Zip().add("m/data.pkl", packed(state()), method=8, size=len(state()), packed=len(packed(state())))
        .add("m/data/0", BLOCK).bytes(), "compressed"),
    "compressed-bzip2.bin": (with_entry("m/x", method=12), "compressed"),
    "compressed-unknown.bin": (with_entry("m/x", method=0xFFFF), "compressed"),
    "name-parent.bin": (with_entry("../evil"), "leaves its folder"),
    "name-parent-inside.bin": (with_entry("m/../../evil"), "leaves its folder"),
    "name-parent-last.bin": (with_entry("m/.."), "leaves its folder"),
    "name-absolute.bin": (with_entry("/etc/passwd"), "leaves its folder"),
    "name-backslash.bin": (with_entry("m\\..\\evil"), "leaves its folder"),
    "name-drive.bin": (with_entry("C:evil"), "leaves its folder"),
    "name-zero-byte.bin": (with_entry(b"m/a\0b"), "leaves its folder"),
    "name-empty.bin": (with_entry(""), "leaves its folder"),
    "name-twice.bin": (with_entry("m/data/0", BLOCK), "twice"),
    "overlap-same.bin": (
        Zip().add("m/data.pkl", state()).add("m/data/0", BLOCK).add("m/data/0", BLOCK, offset=0,).bytes(),
        "another name"),
    "overlap-nested.bin": (
        Zip().add("m/data.pkl", state(), size=len(state()) + 40, packed=len(state()) + 40)
        .add("m/data/0", BLOCK).bytes(), "overlap"),
    "no-pickle.bin": (Zip().add("m/data/0", BLOCK).bytes(), "data.pkl"),
    "pickle-at-root.bin": (Zip().add("data.pkl", state()).add("data/0", BLOCK).bytes(), "data.pkl"),
    "pickle-too-deep.bin": (Zip().add("a/b/data.pkl", state()).bytes(), "data.pkl"),
    "two-pickles.bin": (archive().add("n/data.pkl", state()).bytes(), "two pickles"),
    "big-endian.bin": (archive(byteorder=b"big").bytes(), "byteorder"),
    "byteorder-unknown.bin": (archive(byteorder=b"middle").bytes(), "byteorder"),
    "byteorder-empty.bin": (archive(byteorder=b"").bytes(), "byteorder"),
    "torchscript.bin": (archive().add("m/constants.pkl", PROTO + b")" + STOP).bytes(), "TorchScript"),
    "storage-missing.bin": (archive(blocks={}).bytes(), 'storage "0" is missing'),
    "storage-other-name.bin": (archive(blocks={"1": BLOCK}).bytes(), 'storage "0" is missing'),
    "storage-too-short.bin": (archive(blocks={"0": BLOCK[:-1]}).bytes(), "expected 24 bytes"),
    "storage-too-long.bin": (archive(blocks={"0": BLOCK + b"\0"}).bytes(), "expected 24 bytes"),
    "storage-empty.bin": (archive(blocks={"0": b""}).bytes(), "expected 24 bytes"),
    "pickle-empty.bin": (archive(pickle=b"").bytes(), "expected a pickle"),
    "pickle-text.bin": (archive(pickle=text("x")).bytes(), "expected a pickle"),
}
