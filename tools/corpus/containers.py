"""Makes safetensors, zip, pickle and legacy torch files byte by byte, so that each byte can be wrong."""
import json
import struct


def safetensors(header, payload=b"", length=None):
    """A safetensors file; `header` is bytes, text or a dict, `length` overrides the true header length."""
    if isinstance(header, dict):
        header = json.dumps(header, separators=(",", ":"))
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + payload


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


# Pickle opcodes, protocol 2 unless said otherwise.
PROTO = b"\x80\x02"
STOP = b"."
MARK = b"("
EMPTY_DICT = b"}"
SETITEMS = b"u"
REDUCE = b"R"


def text(value):
    raw = value.encode() if isinstance(value, str) else value
    return b"X" + struct.pack("<I", len(raw)) + raw


def integer(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def tuple_of(*items):
    return MARK + b"".join(items) + b"t"


def name(module, attribute):
    return f"c{module}\n{attribute}\n".encode()


def dict_of(*pairs):
    return EMPTY_DICT + MARK + b"".join(key + value for key, value in pairs) + SETITEMS


def storage(key="0", size=6, kind="FloatStorage", tag="storage", view=None, legacy=False):
    items = [text(tag), name("torch", kind), text(key), text("cpu"), integer(size)]
    if legacy:
        items.append(view or b"N")
    return tuple_of(*items) + b"Q"


def tensor(shape=(2, 3), strides=(3, 1), offset=0, block=None, call="_rebuild_tensor_v2", extra=b""):
    return (
        name("torch._utils", call)
        + tuple_of(
            storage() if block is None else block,
            integer(offset),
            tuple_of(*map(integer, shape)),
            tuple_of(*map(integer, strides)),
            b"\x89",
            name("collections", "OrderedDict") + b")R",
            extra,
        )
        + REDUCE
    )


def state(value=None, key="weight"):
    """A pickled state dict with one tensor."""
    return PROTO + dict_of((text(key), tensor() if value is None else value)) + STOP


BLOCK = struct.pack("<6f", *range(6))


class Zip:
    """A zip archive of stored entries. Keyword arguments of add() and bytes() override single fields."""

    def __init__(self):
        self.body = b""
        self.central = []

    def add(self, entry_name, data, **wrong):
        raw = entry_name.encode() if isinstance(entry_name, str) else entry_name
        offset = wrong.get("offset", len(self.body))
        size = wrong.get("size", len(data))
        flags, method = wrong.get("flags", 0x800), wrong.get("method", 0)
        local_name = wrong.get("local_name", raw)
        local_extra = wrong.get("local_extra", b"")
        self.body += struct.pack(
            "<IHHHHHIIIHH", wrong.get("local_signature", 0x04034B50), 20, flags, wrong.get("local_method", method),
            0, 0, 0, len(data), len(data), len(local_name), len(local_extra))
        self.body += local_name + local_extra + data
        if flags & 8:  # a data descriptor follows the data
            self.body += struct.pack("<IIII", 0x08074B50, 0, len(data), len(data))
        extra = wrong.get("extra", b"")
        self.central.append(
            struct.pack(
                "<IHHHHHHIIIHHHHHII", wrong.get("signature", 0x02014B50), 20, 20, flags, method, 0, 0, 0,
                wrong.get("packed", size), size, wrong.get("name_bytes", len(raw)), len(extra), 0, 0, 0, 0, offset)
            + raw + extra)
        return self

    def bytes(self, **wrong):
        directory = b"".join(self.central)
        offset = wrong.get("offset", len(self.body))
        size = wrong.get("size", len(directory))
        count = wrong.get("count", len(self.central))
        out = self.body + directory
        if "zip64" in wrong:
            record = wrong.get("record", len(out))
            fields = {"signature": 0x06064B50, "count": count, "size": size, "offset": offset} | wrong["zip64"]
            out += struct.pack("<IQHHIIQQQQ", fields["signature"], 44, 45, 45, 0, 0, fields["count"],
                               fields["count"], fields["size"], fields["offset"])
            out += struct.pack("<IIQI", 0x07064B50, 0, record, 1)
            count, size, offset = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
        comment = wrong.get("comment", b"")
        return out + struct.pack("<IHHHHIIH", wrong.get("end_signature", 0x06054B50), wrong.get("disk", 0), 0, count,
                                 count, size, offset, wrong.get("comment_bytes", len(comment))) + comment


def archive(pickle=None, blocks=None, root="m", byteorder=b"little"):
    """A Zip as torch.save would fill it."""
    result = Zip().add(f"{root}/data.pkl", state() if pickle is None else pickle)
    if byteorder is not None:
        result.add(f"{root}/byteorder", byteorder)
    for key, data in ({"0": BLOCK} if blocks is None else blocks).items():
        result.add(f"{root}/data/{key}", data)
    return result.add(f"{root}/version", b"3\n")


MAGIC = PROTO + b"\x8a\x0a" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little") + STOP
PROTOCOL = PROTO + integer(1001) + STOP


def system(little=b"\x88"):
    return PROTO + dict_of((text("protocol_version"), integer(1001)), (text("little_endian"), little)) + STOP


def keys(*names):
    return PROTO + b"](" + b"".join(text(key) for key in names) + b"e" + STOP


def legacy_state(value=None):
    return state(tensor(block=storage(legacy=True)) if value is None else value)


def legacy(magic=MAGIC, protocol=PROTOCOL, info=None, obj=None, key_list=None, blocks=None):
    """A file of torch.save before torch 1.6."""
    out = magic + protocol + (system() if info is None else info)
    out += (legacy_state() if obj is None else obj) + (keys("0") if key_list is None else key_list)
    for data in [BLOCK] if blocks is None else blocks:
        out += struct.pack("<q", len(data) // 4) + data
    return out
