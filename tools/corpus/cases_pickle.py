"""Zip archives of torch.save whose pickle is wrong or asks for something that is refused."""
from containers import (EMPTY_DICT, MARK, PROTO, REDUCE, STOP, archive, dict_of, integer, name, state, storage, tensor,
                        text, tuple_of)


def pickled(raw):
    return archive(pickle=raw).bytes()


def with_tensor(value):
    return pickled(state(value))


def call(module, attribute, *arguments):
    return pickled(state(name(module, attribute) + tuple_of(*arguments) + REDUCE))


def stack_global(module, attribute):
    return pickled(b"\x80\x04" + text(module) + text(attribute) + b"\x93" + STOP)


def replace_call(call_name):
    return with_tensor(tensor(call=call_name))


CASES = {
    # Globals.
    "os-system.bin": (call("os", "system", text("true")), '"os.system"'),
    "posix-system.bin": (call("posix", "system", text("true")), '"posix.system"'),
    "eval.bin": (call("builtins", "eval", text("1")), '"builtins.eval"'),
    "exec-python2.bin": (call("__builtin__", "exec", text("1")), '"__builtin__.exec"'),
    "getattr.bin": (call("builtins", "getattr", text("a"), text("b")), '"builtins.getattr"'),
    "import.bin": (call("builtins", "__import__", text("os")), '"builtins.__import__"'),
    "open.bin": (call("io", "open", text("x")), '"io.open"'),
    "subprocess.bin": (call("subprocess", "Popen", text("x")), '"subprocess.Popen"'),
    "runpy.bin": (call("runpy", "_run_code", text("x")), '"runpy._run_code"'),
    "pickle-loads.bin": (call("pickle", "loads", text("x")), '"pickle.loads"'),
    "torch-load.bin": (call("torch", "load", text("x")), '"torch.load"'),
    "torch-hub.bin": (call("torch.hub", "load", text("x")), '"torch.hub.load"'),
    "torch-jit.bin": (call("torch.jit._script", "unpackage_script_module", text("x")), "unpackage_script_module"),
    "numpy-load.bin": (call("numpy", "load", text("x")), '"numpy.load"'),
    "dotted-name.bin": (call("torch", "_utils._rebuild_tensor_v2", text("x")), "_utils._rebuild_tensor_v2"),
    "dotted-escape.bin": (call("collections", "OrderedDict.__class__", text("x")), "OrderedDict.__class__"),
    "model-class.bin": (pickled(PROTO + name("model", "Net") + b")\x81}b" + STOP), '"model.Net"'),
    "empty-global.bin": (pickled(PROTO + b"c\n\n" + STOP), "refused the global"),
    "global-with-control.bin": (pickled(PROTO + b"ca\x07\nb\x1b\n" + STOP), "refused the global"),
    "quantized.bin": (replace_call("_rebuild_qtensor"), "_rebuild_qtensor"),
    "sparse.bin": (replace_call("_rebuild_sparse_tensor"), "_rebuild_sparse_tensor"),
    "from-type.bin": (call("torch._tensor", "_rebuild_from_type_v2", text("x")), "_rebuild_from_type_v2"),
    "quantized-storage.bin": (with_tensor(tensor(block=storage(kind="QInt8Storage"))), "QInt8Storage"),
    "stack-global.bin": (stack_global("os", "system"), '"os.system"'),
    "stack-global-integers.bin": (
        pickled(b"\x80\x04" + integer(1) + integer(2) + b"\x93" + STOP), "global without a name"),
    "call-of-type.bin": (call("builtins", "int", text("1")), "only a name"),
    "call-of-dtype.bin": (call("torch", "float32"), "only a name"),
    "call-of-storage.bin": (call("torch", "FloatStorage", integer(10**9)), "only a name"),
    "call-of-string.bin": (pickled(PROTO + text("x") + b")R" + STOP), "a call of a string"),
    "call-of-tensor.bin": (with_tensor(tensor() + b")R"), "a call of a tensor"),
    "call-without-tuple.bin": (pickled(PROTO + name("collections", "OrderedDict") + b"NR" + STOP), "tuple"),
    # Opcodes.
    "protocol-0.bin": (pickled(b"(dp0\n."), "protocol 2 to 5"),
    "protocol-1.bin": (pickled(b"\x80\x01}."), "protocol 2 to 5"),
    "protocol-6.bin": (pickled(b"\x80\x06}."), "protocol 2 to 5"),
    "opcode-inst.bin": (pickled(PROTO + b"(ios\nsystem\n."), "0x69 is not allowed"),
    "opcode-obj.bin": (pickled(PROTO + MARK + name("collections", "OrderedDict") + b"o."), "0x6f is not allowed"),
    "opcode-ext1.bin": (pickled(PROTO + b"\x82\x01."), "0x82 is not allowed"),
    "opcode-ext4.bin": (pickled(PROTO + b"\x84\x01\0\0\0."), "0x84 is not allowed"),
    "opcode-persid.bin": (pickled(PROTO + b"Pabc\n."), "0x50 is not allowed"),
    "opcode-newobj-ex.bin": (pickled(PROTO + b"\x92."), "0x92 is not allowed"),
    "opcode-next-buffer.bin": (pickled(b"\x80\x05\x97."), "0x97 is not allowed"),
    "opcode-text-integer.bin": (pickled(PROTO + b"I1\n."), "0x49 is not allowed"),
    "opcode-zero.bin": (pickled(PROTO + b"\0"), "0x00 is not allowed"),
    "no-stop.bin": (pickled(state()[:-1]), "ends early"),
    "stop-at-once.bin": (pickled(PROTO + STOP), "stack is empty"),
    "stop-behind-mark.bin": (pickled(PROTO + EMPTY_DICT + MARK + STOP), "stack is empty"),
    "pop-empty.bin": (pickled(PROTO + b"0."), "stack is empty"),
    "pop-below-mark.bin": (pickled(PROTO + b"N(0."), "stack is empty"),
    "dup-empty.bin": (pickled(PROTO + b"2."), "stack is empty"),
    "tuple-without-mark.bin": (pickled(PROTO + b"Nt."), "no mark"),
    "tuple3-of-two.bin": (pickled(PROTO + b"NN\x87."), "stack is empty"),
    "setitems-without-mark.bin": (pickled(PROTO + b"}u."), "no mark"),
    "setitems-odd.bin": (pickled(PROTO + b"}(" + text("a") + b"u."), "without a value"),
    "setitems-on-list.bin": (pickled(PROTO + b"](" + text("a") + b"Nu."), "isn't on the stack"),
    "appends-on-dict.bin": (pickled(PROTO + b"}(Ne."), "isn't on the stack"),
    "append-empty.bin": (pickled(PROTO + b"Na."), "stack is empty"),
    "dict-odd.bin": (pickled(PROTO + MARK + b"Nd."), "without a value"),
    "dict-without-mark.bin": (pickled(PROTO + b"d."), "no mark"),
    "memo-missing.bin": (pickled(PROTO + b"h\x07."), "memo 7"),
    "memo-missing-long.bin": (pickled(PROTO + b"j\xff\xff\xff\xff."), "memo 4294967295"),
    "memo-of-nothing.bin": (pickled(PROTO + b"q\0."), "stack is empty"),
    "string-beyond-end.bin": (pickled(PROTO + b"X\xff\xff\xff\x7fabc"), "ends early"),
    "string-length-cut.bin": (pickled(PROTO + b"X\xff\xff"), "ends early"),
    "string8-max.bin": (pickled(b"\x80\x04\x8d" + b"\xff" * 8 + b"abc"), "ends early"),
    "bytes8-max.bin": (pickled(b"\x80\x04\x8e" + b"\xff" * 8 + b"abc"), "ends early"),
    "frame-max.bin": (pickled(b"\x80\x04\x95" + b"\xff" * 8 + b"}."), "frame"),
    "string-invalid-utf8.bin": (pickled(PROTO + text(b"\xff") + STOP), "invalid UTF-8"),
    "string-surrogate.bin": (pickled(PROTO + text(b"\xed\xa0\x80") + STOP), "invalid UTF-8"),
    "long-beyond-end.bin": (pickled(PROTO + b"\x8b\xff\xff\xff\x7f\x01"), "ends early"),
    "global-without-end.bin": (pickled(PROTO + b"ctorch"), "ends early"),
    "build-on-list.bin": (pickled(PROTO + b"]}b."), "takes none"),
    "build-on-global.bin": (pickled(PROTO + name("collections", "OrderedDict") + b"}b."), "takes none"),
    "build-on-nothing.bin": (pickled(PROTO + b"}b."), "stack is empty"),
    "persid-of-string.bin": (pickled(PROTO + text("0") + b"Q."), "persistent id"),
    "persid-empty.bin": (pickled(PROTO + b")Q."), "persistent id"),
    # Tensors.
    "root-list.bin": (pickled(PROTO + b"]" + STOP), "expected a dict"),
    "root-tensor.bin": (pickled(PROTO + tensor() + STOP), "expected a dict"),
    "root-none.bin": (pickled(PROTO + b"N" + STOP), "expected a dict"),
    "no-tensors.bin": (pickled(PROTO + dict_of((text("epoch"), integer(3))) + STOP), 'holds no tensors, its keys: "epoch"'),
    "empty-dict.bin": (pickled(PROTO + EMPTY_DICT + STOP), "holds no tensors"),
    "key-integer.bin": (pickled(PROTO + dict_of((integer(1), tensor())) + STOP), "strings as names"),
    "key-tuple.bin": (pickled(PROTO + dict_of((b")", tensor())) + STOP), "strings as names"),
    "key-twice.bin": (pickled(PROTO + dict_of((text("a"), tensor()), (text("a"), tensor())) + STOP), '"a" is there twice'),
    "shape-beyond.bin": (with_tensor(tensor((3, 3))), "beyond its storage"),
    "offset-beyond.bin": (with_tensor(tensor(offset=1)), "beyond its storage"),
    "offset-max.bin": (with_tensor(tensor(offset=2**63 - 1)), "beyond its storage"),
    "offset-negative.bin": (with_tensor(tensor(offset=-1)), "offset"),
    "offset-huge.bin": (with_tensor(tensor(offset=2**70)), "offset"),
    "shape-negative.bin": (with_tensor(tensor((-2, 3))), "shape"),
    "shape-none.bin": (with_tensor(name("torch._utils", "_rebuild_tensor_v2") + tuple_of(storage(), integer(0), b"N", b"N") + REDUCE), "shape"),
    "shape-overflow.bin": (with_tensor(tensor((2**62, 2**62), (0, 0))), "no size in bytes"),
    "shape-of-strings.bin": (with_tensor(name("torch._utils", "_rebuild_tensor_v2") + tuple_of(storage(), integer(0), tuple_of(text("2")), tuple_of(integer(1))) + REDUCE), "shape"),
    "stride-negative.bin": (with_tensor(tensor(strides=(-3, 1))), "strides"),
    "stride-overflow.bin": (with_tensor(tensor(strides=(2**62, 2**62))), "beyond its storage"),
    "stride-beyond.bin": (with_tensor(tensor(strides=(4, 1))), "beyond its storage"),
    "stride-missing.bin": (with_tensor(tensor(strides=(3,))), "sizes and strides"),
    "stride-zero-bomb.bin": (with_tensor(tensor((2**20, 2**20), (0, 0))), "copying"),
    "rank-too-large.bin": (with_tensor(tensor((1,) * 65, (1,) * 65)), "more than 64"),
    "storage-negative.bin": (with_tensor(tensor(block=storage(size=-1))), "storage's size"),
    "storage-overflow.bin": (with_tensor(tensor(block=storage(size=2**62))), "overflow"),
    "storage-int64-max.bin": (with_tensor(tensor(block=storage(size=2**63 - 1))), "overflow"),
    "storage-key-traversal.bin": (with_tensor(tensor(block=storage(key="../data.pkl"))), "missing in the archive"),
    "storage-tag.bin": (with_tensor(tensor(block=storage(tag="file"))), '"file"'),
    "storage-is-function.bin": (with_tensor(tensor(block=tuple_of(text("storage"), name("torch._utils", "_rebuild_tensor_v2"), text("0"), text("cpu"), integer(6)) + b"Q")), "storage type"),
    "storage-short-tuple.bin": (with_tensor(tensor(block=tuple_of(text("storage")) + b"Q")), "storage's type"),
    "storage-two-sizes.bin": (
        pickled(PROTO + dict_of((text("a"), tensor()), (text("b"), tensor((1,), (1,), block=storage(size=5)))) + STOP), "of 24 bytes"),
    "tensor-of-string.bin": (with_tensor(tensor(block=text("0"))), "tensor's storage"),
    "tensor-without-arguments.bin": (call("torch._utils", "_rebuild_tensor_v2"), "storage is missing"),
    "parameter-of-string.bin": (call("torch._utils", "_rebuild_parameter", text("x")), "parameter's tensor"),
    "v3-without-dtype.bin": (with_tensor(tensor(call="_rebuild_tensor_v3")), "dtype is missing"),
    "v3-wrong-dtype.bin": (with_tensor(tensor(call="_rebuild_tensor_v3", extra=name("collections", "OrderedDict"))), "dtype"),
    "v3-wider-dtype.bin": (
        with_tensor(tensor(call="_rebuild_tensor_v3", extra=name("torch", "float64"))), "beyond its storage"),
    "negated-view.bin": (with_tensor(tensor(extra=dict_of((text("neg"), b"\x88")))), "negated"),
    "size-of-string.bin": (call("torch", "Size", text("x")), "shape"),
    "ordered-dict-of-string.bin": (call("collections", "OrderedDict", text("x")), "OrderedDict"),
    "ordered-dict-of-triples.bin": (call("collections", "OrderedDict", b"](" + tuple_of(b"N", b"N", b"N") + b"e"), "pairs"),
    # The config beside the tensors.
    "config-of-tensor.bin": (pickled(PROTO + dict_of((text("config"), dict_of((text("a"), tensor()))), (text("w"), tensor())) + STOP), "key 'config'"),
    "config-itself.bin": (pickled(PROTO + b"}q\x01(" + text("config") + b"h\x01u" + STOP), "key 'config'"),
    "config-number-key.bin": (pickled(PROTO + dict_of((text("config"), dict_of((integer(1), b"N")))) + STOP), "key 'config'"),
    "config-key-twice.bin": (pickled(PROTO + dict_of((text("config"), dict_of((text("a"), b"N"), (text("a"), b"N")))) + STOP), "key 'config'"),
    "config-shared-bomb.bin": (
        pickled(PROTO + b"}(" + text("config") + b"}" + text("a") + b"]"
                + b"".join(b"q" + bytes([i]) + b"0](" + (b"h" + bytes([i])) * 10 + b"e" for i in range(20)) + b"s"
                + text("w") + tensor() + b"u" + STOP), "key 'config'"),
}
