"""Odd files that are valid; the expectation is the list of tensors, "NAME TYPE SHAPE"."""
from containers import (BLOCK, PROTO, REDUCE, STOP, Zip, archive, dict_of, entry, integer, keys, legacy, legacy_state,
                        name, safetensors, state, storage, tensor, text, tuple_of)

D4 = b"\0" * 4
ONE = {"a": entry([1], 0, 4)}
WEIGHT = ["weight F32 [2, 3]"]


def pickled(raw, **rest):
    return archive(pickle=raw, **rest).bytes()


def wrapped(key, inner):
    return PROTO + dict_of((text("epoch"), integer(3)), (text(key), inner)) + STOP


STATE = dict_of((text("weight"), tensor()))
ORDERED = name("collections", "OrderedDict") + b")R(" + text("weight") + tensor() + b"u}" + text("_metadata") + b"}sb"
PYTHON2 = name("collections", "OrderedDict") + tuple_of(b"](](" + text("weight") + tensor() + b"ee") + REDUCE

SAFETENSORS = {
    "no-tensors.safetensors": (safetensors("{}"), []),
    "metadata-only.safetensors": (safetensors({"__metadata__": {"format": "pt"}}), []),
    "metadata-null.safetensors": (safetensors({"__metadata__": None} | ONE, D4), ["a F32 [1]"]),
    "padded.safetensors": (safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  \n\t ', D4), ["a F32 [1]"]),
    "scalar.safetensors": (safetensors({"a": entry([], 0, 4)}, D4), ["a F32 []"]),
    "empty-tensor.safetensors": (safetensors({"a": entry([0, 7], 0, 0), "b": entry([1], 0, 4)}, D4), ["a F32 [0, 7]", "b F32 [1]"]),
    "empty-tensors-same-place.safetensors": (safetensors({"a": entry([0], 0, 0), "b": entry([0], 0, 0)}), ["a F32 [0]", "b F32 [0]"]),
    "unordered.safetensors": (safetensors({"b": entry([1], 4, 8), "a": entry([1], 0, 4)}, D4 * 2), ["a F32 [1]", "b F32 [1]"]),
    "unaligned.safetensors": (safetensors({"a": entry([1], 0, 1, "U8"), "b": entry([1], 1, 5)}, D4 + b"\0"), ["a U8 [1]", "b F32 [1]"]),
    "unknown-key.safetensors": (safetensors({"a": entry([1], 0, 4) | {"extra": [1, {"x": None}]}}, D4), ["a F32 [1]"]),
    "empty-name.safetensors": (safetensors({"": entry([1], 0, 4)}, D4), [" F32 [1]"]),
    "escaped-name.safetensors": (safetensors('{"\\u0061\\ud83e\\udd73\\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', D4), ["a\U0001f973\n F32 [1]"]),
    "bits.safetensors": (safetensors({"a": entry([8], 0, 4, "F4"), "b": entry([4], 4, 7, "F6_E2M3")}, b"\0" * 7), ["a F4 [8]", "b F6_E2M3 [4]"]),
    "all-types.safetensors": (
        safetensors({t: entry([1], 8 * i, 8 * i + 8, t) for i, t in enumerate(["F64", "I64", "U64", "C64"])}
                    | {t: entry([2], 32 + 4 * i, 36 + 4 * i, t) for i, t in enumerate(["F16", "BF16", "I16", "U16"])}
                    | {t: entry([4], 48 + 4 * i, 52 + 4 * i, t) for i, t in enumerate(
                        ["I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"])}
                    | {t: entry([1], 80 + 4 * i, 84 + 4 * i, t) for i, t in enumerate(["F32", "I32", "U32"])}, b"\0" * 92),
        ["BF16 BF16 [2]", "BOOL BOOL [4]", "C64 C64 [1]", "F16 F16 [2]", "F32 F32 [1]", "F64 F64 [1]",
         "F8_E4M3 F8_E4M3 [4]", "F8_E4M3FNUZ F8_E4M3FNUZ [4]", "F8_E5M2 F8_E5M2 [4]", "F8_E5M2FNUZ F8_E5M2FNUZ [4]",
         "F8_E8M0 F8_E8M0 [4]", "I16 I16 [2]", "I32 I32 [1]", "I64 I64 [1]", "I8 I8 [4]", "U16 U16 [2]", "U32 U32 [1]",
         "U64 U64 [1]", "U8 U8 [4]"]),
}

ZIP = {
    "plain.bin": (archive().bytes(), WEIGHT),
    "no-byteorder.bin": (archive(byteorder=None).bytes(), WEIGHT),
    "root-with-dots.bin": (archive(root="pytorch_model..v2").bytes(), WEIGHT),
    "comment.bin": (archive().bytes(comment=b"hello"), WEIGHT),
    "zip64.bin": (archive().bytes(zip64={}), WEIGHT),
    "data-descriptors.bin": (
        Zip().add("m/data.pkl", state(), flags=0x808).add("m/data/0", BLOCK, flags=0x808).bytes(), WEIGHT),
    "local-padding.bin": (
        Zip().add("m/data.pkl", state(), local_extra=b"FB\x05\0ZZZZZ").add("m/data/0", BLOCK, local_extra=b"FB\x01\0Z").bytes(), WEIGHT),
    "folder-entries.bin": (archive().add("m/", b"").add("m/data/", b"").bytes(), WEIGHT),
    "unused-storage.bin": (archive(blocks={"0": BLOCK, "1": BLOCK}).bytes(), WEIGHT),
    "state-dict.bin": (pickled(wrapped("state_dict", STATE)), WEIGHT),
    "model-state-dict.bin": (pickled(wrapped("model_state_dict", STATE)), WEIGHT),
    "model.bin": (pickled(wrapped("model", STATE)), WEIGHT),
    "module.bin": (pickled(wrapped("module", STATE)), WEIGHT),
    "model-module.bin": (pickled(wrapped("model", dict_of((text("module"), STATE)))), WEIGHT),
    "ordered-dict.bin": (pickled(PROTO + ORDERED + STOP), WEIGHT),
    "ordered-dict-python2.bin": (pickled(PROTO + PYTHON2 + STOP), WEIGHT),
    "default-dict.bin": (
        pickled(PROTO + name("collections", "defaultdict") + tuple_of(name("__builtin__", "list")) + b"R(" + text("weight") + tensor() + b"u" + STOP), WEIGHT),
    "protocol-4.bin": (
        pickled(b"\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94(\x8c\x06weight\x94" + tensor() + b"u."), WEIGHT),
    "protocol-5.bin": (pickled(b"\x80\x05" + STATE + b"."), WEIGHT),
    "python2-strings.bin": (pickled(PROTO + b"}(U\x06weight" + tensor() + b"u."), WEIGHT),
    "old-rebuild.bin": (pickled(state(name("torch._utils", "_rebuild_tensor") + tuple_of(
        storage(), integer(0), tuple_of(integer(2), integer(3)), tuple_of(integer(3), integer(1))) + REDUCE)), WEIGHT),
    "parameter.bin": (pickled(state(name("torch._utils", "_rebuild_parameter") + tuple_of(
        tensor(), b"\x88", name("collections", "OrderedDict") + b")R") + REDUCE)), WEIGHT),
    "parameter-with-state.bin": (pickled(state(name("torch._utils", "_rebuild_parameter_with_state") + tuple_of(
        tensor(), b"\x88", b"}", b"}") + REDUCE)), WEIGHT),
    "cuda-storage.bin": (pickled(state(tensor(block=tuple_of(
        text("storage"), name("torch.cuda", "FloatStorage"), text("0"), text("cuda:0"), integer(6)) + b"Q"))), WEIGHT),
    "untyped-v3.bin": (
        pickled(state(tensor((12,), (1,), block=storage(size=24, kind="UntypedStorage"), call="_rebuild_tensor_v3", extra=name("torch", "uint16")))), ["weight U16 [12]"]),
    "size-as-shape.bin": (pickled(state(name("torch._utils", "_rebuild_tensor_v2") + tuple_of(
        storage(), integer(0), name("torch", "Size") + tuple_of(tuple_of(integer(6))) + REDUCE, tuple_of(integer(1)), b"\x89", b"}") + REDUCE)), ["weight F32 [6]"]),
    "scalar.bin": (pickled(state(tensor((), ()))), ["weight F32 []"]),
    "empty-tensor.bin": (pickled(state(tensor((0, 3)))), ["weight F32 [0, 3]"]),
    "transposed.bin": (pickled(state(tensor((3, 2), (1, 3)))), ["weight F32 [3, 2]"]),
    "expanded.bin": (pickled(state(tensor((1000, 6), (0, 1)))), ["weight F32 [1000, 6]"]),
    "odd-stride-of-one.bin": (pickled(state(tensor((1, 6), (2**62, 1)))), ["weight F32 [1, 6]"]),
    "odd-stride-of-one-strided.bin": (pickled(state(tensor((3, 1, 2), (1, 2**62, 3)))), ["weight F32 [3, 1, 2]"]),
    "offset.bin": (pickled(state(tensor((2,), (1,), offset=4))), ["weight F32 [2]"]),
    "shared-storage.bin": (pickled(PROTO + dict_of((text("a"), tensor()), (text("b"), tensor((3,), (2,)))) + STOP), ["a F32 [2, 3]", "b F32 [3]"]),
    "values-beside.bin": (
        pickled(PROTO + dict_of((text("weight"), tensor()), (text("step"), integer(7)), (text("lr"), b"G" + b"?\xf0" + b"\0" * 6),
                                (text("device"), name("torch", "device") + tuple_of(text("cpu")) + REDUCE),
                                (text("best"), name("numpy.core.multiarray", "scalar") + tuple_of(name("numpy", "dtype") + tuple_of(text("f8"), b"\x89", b"\x88") + b"R(K\x03tb", text("x")) + REDUCE),
                                (text("tags"), b"]("  + text("a") + b"e")) + STOP), WEIGHT),
    "config.bin": (
        pickled(PROTO + dict_of((text("config"), dict_of((text("hidden_size"), integer(8)), (text("pos_att_type"), b"](" + text("c2p") + b"e"), (text("pooling"), dict_of((text("dropout"), integer(0)))))), (text("weight"), tensor())) + STOP), WEIGHT),
}

LEGACY = {
    "plain.bin": (legacy(), WEIGHT),
    "view.bin": (legacy(obj=legacy_state(tensor((2, 2), (2, 1), block=storage(legacy=True, view=tuple_of(text("v"), integer(2), integer(4)))))), ["weight F32 [2, 2]"]),
    "protocol-4.bin": (legacy(obj=b"\x80\x04" + legacy_state()[2:]), WEIGHT),
    "no-storages.bin": (
        legacy(obj=legacy_state(tensor((0,), (1,), block=storage(size=0, legacy=True))), blocks=[b""]), ["weight F32 [0]"]),
    "transposed.bin": (legacy(obj=legacy_state(tensor((3, 2), (1, 3), block=storage(legacy=True)))), ["weight F32 [3, 2]"]),
}

KINDS = {"safetensors": SAFETENSORS, "torch-zip": ZIP, "torch-legacy": LEGACY}
