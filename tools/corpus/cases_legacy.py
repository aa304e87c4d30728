"""Files in the form that torch.save had before torch 1.6."""
import struct

from containers import (BLOCK, MAGIC, PROTO, PROTOCOL, STOP, integer, keys, legacy, legacy_state, name, state, storage,
                        system, tensor, text, tuple_of)

GOOD = legacy()


def with_tensor(value):
    return legacy(obj=legacy_state(value))


def view(offset, size):
    return tuple_of(text("v"), integer(offset), integer(size))


CASES = {
    "magic-only.bin": (MAGIC, "protocol version"),
    "magic-wrong.bin": (legacy(magic=PROTO + b"\x8a\x0a" + b"\x01" * 10 + STOP), "magic number"),
    "magic-small.bin": (legacy(magic=PROTO + integer(1) + STOP), "magic number"),
    "magic-text.bin": (legacy(magic=PROTO + text("x") + STOP), "magic number"),
    "plain-pickle.bin": (state(), "magic number"),
    "protocol-zero.bin": (legacy(protocol=PROTO + integer(0) + STOP), "1001"),
    "protocol-next.bin": (legacy(protocol=PROTO + integer(1002) + STOP), "1001"),
    "protocol-none.bin": (legacy(protocol=PROTO + b"N" + STOP), "1001"),
    "protocol-missing.bin": (MAGIC + PROTOCOL, "system information"),
    "system-list.bin": (legacy(info=PROTO + b"]" + STOP), "system information"),
    "big-endian.bin": (legacy(info=system(little=b"\x89")), "little_endian"),
    "endian-none.bin": (legacy(info=system(little=b"N")), "little_endian"),
    "object-missing.bin": (MAGIC + PROTOCOL + system(), "object"),
    "object-global.bin": (legacy(obj=PROTO + name("os", "system") + STOP), "os.system"),
    "keys-missing.bin": (MAGIC + PROTOCOL + system() + legacy_state(), "storage keys"),
    "keys-dict.bin": (legacy(key_list=PROTO + b"}" + STOP), "storage keys"),
    "keys-numbers.bin": (legacy(key_list=PROTO + b"](" + integer(0) + b"e" + STOP), "storage keys"),
    "keys-empty.bin": (legacy(key_list=keys(), blocks=[]), 'storage "0" is missing'),
    "keys-unknown.bin": (legacy(key_list=keys("7")), "belongs to no tensor"),
    "keys-twice.bin": (legacy(key_list=keys("0", "0"), blocks=[BLOCK, BLOCK]), "twice"),
    "keys-one-more.bin": (legacy(key_list=keys("0", "1"), blocks=[BLOCK, BLOCK]), "belongs to no tensor"),
    "storage-cut.bin": (GOOD[:-1], "ends inside storage"),
    "storage-length-cut.bin": (GOOD[:-28], "ends inside storage"),
    "storage-missing.bin": (legacy(blocks=[]), "ends inside storage"),
    "storage-huge.bin": (with_tensor(tensor(block=storage(size=2**40, legacy=True))), "ends inside storage"),
    "storage-size-overflow.bin": (with_tensor(tensor(block=storage(size=2**62, legacy=True))), "overflow"),
    "storage-two-sizes.bin": (
        legacy(obj=PROTO + b"}(" + text("a") + tensor(block=storage(legacy=True)) + text("b")
               + tensor((1,), (1,), block=storage(size=7, legacy=True)) + b"u" + STOP), "of 24 bytes"),
    "byte-after.bin": (GOOD + b"\0", "after the last storage"),
    "file-after.bin": (GOOD + GOOD, "after the last storage"),
    "view-beyond.bin": (
        with_tensor(tensor(block=storage(legacy=True, view=view(4, 3)))), "beyond its storage"),
    "view-overflow.bin": (
        with_tensor(tensor(block=storage(legacy=True, view=view(2**63 - 1, 1)))), "beyond its storage"),
    "view-negative.bin": (with_tensor(tensor(block=storage(legacy=True, view=view(-1, 1)))), "view's offset"),
    "view-too-small.bin": (
        with_tensor(tensor(block=storage(legacy=True, view=view(1, 5)))), "beyond its storage"),
    "view-text.bin": (with_tensor(tensor(block=storage(legacy=True, view=text("x")))), "storage's view"),
    "view-short.bin": (with_tensor(tensor(block=storage(legacy=True, view=tuple_of()))), "view's offset"),
    "module-source.bin": (
        with_tensor(tensor(block=tuple_of(text("module"), text("x"), text("f"), text("s")) + b"Q")), "module"),
    "tensor-beyond.bin": (
        with_tensor(tensor((2, 4), (4, 1), block=storage(legacy=True))), "beyond its storage"),
    "wrong-length-word.bin": (
        GOOD[:-32] + struct.pack("<q", 7) + GOOD[-24:], "7 elements"),
}
