#include "io/torch_globals.h"

#include <iterator>

#include "core/error.h"

namespace berta::io {
namespace {

using enum PickleCall;

constexpr PickleGlobal kGlobals[] = {
    {"torch._utils", "_rebuild_tensor_v2", rebuild_tensor},
    {"torch._utils", "_rebuild_tensor", rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v3", rebuild_tensor_v3},
    {"torch._utils", "_rebuild_parameter", rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", rebuild_parameter},
    {"collections", "OrderedDict", ordered_dict},
    {"collections", "defaultdict", default_dict},
    {"torch", "Size", size},
    {"torch", "device", opaque},
    {"torch.serialization", "_get_layout", opaque},
    // Storage types. Files of old versions name those of the GPU.
    {"torch", "DoubleStorage", storage_type, DType::f64},
    {"torch", "FloatStorage", storage_type, DType::f32},
    {"torch", "HalfStorage", storage_type, DType::f16},
    {"torch", "BFloat16Storage", storage_type, DType::bf16},
    {"torch", "LongStorage", storage_type, DType::i64},
    {"torch", "IntStorage", storage_type, DType::i32},
    {"torch", "ShortStorage", storage_type, DType::i16},
    {"torch", "CharStorage", storage_type, DType::i8},
    {"torch", "ByteStorage", storage_type, DType::u8},
    {"torch", "BoolStorage", storage_type, DType::boolean},
    {"torch", "ComplexFloatStorage", storage_type, DType::c64},
    {"torch", "UntypedStorage", storage_type, DType::u8},
    {"torch.storage", "UntypedStorage", storage_type, DType::u8},
    {"torch.cuda", "DoubleStorage", storage_type, DType::f64},
    {"torch.cuda", "FloatStorage", storage_type, DType::f32},
    {"torch.cuda", "HalfStorage", storage_type, DType::f16},
    {"torch.cuda", "BFloat16Storage", storage_type, DType::bf16},
    {"torch.cuda", "LongStorage", storage_type, DType::i64},
    {"torch.cuda", "IntStorage", storage_type, DType::i32},
    {"torch.cuda", "ShortStorage", storage_type, DType::i16},
    {"torch.cuda", "CharStorage", storage_type, DType::i8},
    {"torch.cuda", "ByteStorage", storage_type, DType::u8},
    {"torch.cuda", "BoolStorage", storage_type, DType::boolean},
    // Element types, which newer versions pass to _rebuild_tensor_v3 and training states hold as values.
    {"torch", "float64", dtype, DType::f64},
    {"torch", "float32", dtype, DType::f32},
    {"torch", "float16", dtype, DType::f16},
    {"torch", "bfloat16", dtype, DType::bf16},
    {"torch", "int64", dtype, DType::i64},
    {"torch", "int32", dtype, DType::i32},
    {"torch", "int16", dtype, DType::i16},
    {"torch", "int8", dtype, DType::i8},
    {"torch", "uint8", dtype, DType::u8},
    {"torch", "bool", dtype, DType::boolean},
    {"torch", "uint64", dtype, DType::u64},
    {"torch", "uint32", dtype, DType::u32},
    {"torch", "uint16", dtype, DType::u16},
    {"torch", "complex64", dtype, DType::c64},
    {"torch", "float8_e4m3fn", dtype, DType::f8_e4m3},
    {"torch", "float8_e5m2", dtype, DType::f8_e5m2},
    {"torch", "float8_e8m0fnu", dtype, DType::f8_e8m0},
    {"torch", "float8_e4m3fnuz", dtype, DType::f8_e4m3fnuz},
    {"torch", "float8_e5m2fnuz", dtype, DType::f8_e5m2fnuz},
    // Plain Python values, under both names of the builtin module (protocol 2 writes the old one).
    {"builtins", "set", set},
    {"builtins", "frozenset", set},
    {"builtins", "complex", opaque},
    {"builtins", "bytearray", opaque},
    {"builtins", "slice", opaque},
    {"builtins", "int", type},
    {"builtins", "float", type},
    {"builtins", "bool", type},
    {"builtins", "str", type},
    {"builtins", "list", type},
    {"builtins", "dict", type},
    {"builtins", "tuple", type},
    {"_codecs", "encode", opaque},  // how protocol 2 writes bytes
    // Numbers of numpy that training loops leave beside the weights.
    {"numpy.core.multiarray", "scalar", opaque},
    {"numpy._core.multiarray", "scalar", opaque},
    {"numpy.core.multiarray", "_reconstruct", opaque},
    {"numpy._core.multiarray", "_reconstruct", opaque},
    {"numpy", "dtype", opaque},
    {"numpy", "ndarray", type},
};

}  // namespace

std::optional<std::size_t> find_global(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";
  for (std::size_t i = 0; i < std::size(kGlobals); ++i) {
    if (kGlobals[i].name == name && kGlobals[i].module == module) return i;
  }
  return std::nullopt;
}

const PickleGlobal& global_at(std::size_t index) {
  check_internal(index < std::size(kGlobals), "index of a pickle global");
  return kGlobals[index];
}

}  // namespace berta::io
