#include <algorithm>
#include <utility>

#include "core/checked.h"
#include "core/error.h"
#include "io/pickle_machine.h"
#include "io/quote.h"
#include "io/torch_globals.h"

namespace berta::io {
namespace {

const char* kind_name(PickleKind kind) {
  constexpr const char* kNames[] = {"None",     "a boolean", "an integer", "a big integer", "a float",
                                    "a string", "bytes",     "a tuple",    "a list",        "a dict",
                                    "a set",    "a global",  "a storage",  "a tensor",      "an object"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

const PickleValue& PickleMachine::argument(const PickleValue& tuple, std::size_t index, PickleKind kind,
                                           const char* what) {
  if (index >= tuple.items.size()) fail(std::string("the ") + what + " is missing");
  const PickleValue& value = document_.values[tuple.items[index]];
  if (value.kind != kind) {
    fail(std::string("expected ") + kind_name(kind) + " as the " + what + ", found " + kind_name(value.kind));
  }
  return value;
}

std::int64_t PickleMachine::size_argument(const PickleValue& value, const char* what) {
  if (value.kind != PickleKind::integer || value.integer < 0) {
    fail(std::string("expected an integer of at least 0 as ") + what);
  }
  return value.integer;
}

Shape PickleMachine::sizes_of(const PickleValue& tuple, const char* what) {
  constexpr std::size_t kMaxRank = 64;  // torch's own limit
  constexpr std::size_t kMaxSizes = 1'000'000;
  if (tuple.items.size() > kMaxRank) fail(std::string("more than 64 numbers as ") + what);
  sizes_ += tuple.items.size();
  if (sizes_ > kMaxSizes) fail("more than 1,000,000 sizes of tensors");
  Shape sizes;
  for (const PickleId id : tuple.items) sizes.push_back(size_argument(document_.values[id], what));
  return sizes;
}

/// REDUCE and NEWOBJ: both call what they find with a tuple of arguments.
void PickleMachine::call() {
  const PickleId arguments = pop();
  const PickleValue& callable = document_.values[pop()];
  if (document_.values[arguments].kind != PickleKind::tuple) fail("a call without a tuple of arguments");
  if (callable.kind != PickleKind::global) {
    fail(std::string("a call of ") + kind_name(callable.kind) + ", expected a global");
  }
  push(call_global(callable.index, arguments));
}

PickleId PickleMachine::call_global(std::size_t global, PickleId arguments) {
  const PickleValue& tuple = document_.values[arguments];
  switch (global_at(global).call) {
    case PickleCall::rebuild_tensor:
      return rebuild_tensor(tuple, false);
    case PickleCall::rebuild_tensor_v3:
      return rebuild_tensor(tuple, true);
    case PickleCall::rebuild_parameter:
      argument(tuple, 0, PickleKind::tensor, "parameter's tensor");
      return tuple.items[0];
    case PickleCall::ordered_dict:
      return ordered_dict(tuple);
    case PickleCall::default_dict:
      return make(PickleKind::dict);
    case PickleCall::set:
      return make(PickleKind::set);
    case PickleCall::size:
      argument(tuple, 0, PickleKind::tuple, "shape");
      return tuple.items[0];
    case PickleCall::opaque:
      return make(PickleKind::opaque);
    case PickleCall::storage_type:
    case PickleCall::dtype:
    case PickleCall::type:
      break;
  }
  fail("a call of " +
       quoted(std::string(global_at(global).module) + "." + std::string(global_at(global).name)) +
       ", which is only a name here");
}

/// Python 2 wrote OrderedDict([[key, value], ...]); Python 3 fills an empty one.
PickleId PickleMachine::ordered_dict(const PickleValue& arguments) {
  std::vector<PickleId> items;
  if (!arguments.items.empty()) {
    for (const PickleId id : argument(arguments, 0, PickleKind::list, "list of an OrderedDict").items) {
      const PickleValue& pair = document_.values[id];
      const bool sequence = pair.kind == PickleKind::list || pair.kind == PickleKind::tuple;
      if (!sequence || pair.items.size() != 2) fail("expected pairs in the list of an OrderedDict");
      items.insert(items.end(), pair.items.begin(), pair.items.end());
    }
  }
  const PickleId id = make(PickleKind::dict);
  document_.values[id].items = std::move(items);
  return id;
}

/// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]) and its
/// relatives. Whether the numbers fit the storage is checked when the tensor is read.
PickleId PickleMachine::rebuild_tensor(const PickleValue& arguments, bool has_dtype) {
  PickleTensor tensor;
  tensor.storage = argument(arguments, 0, PickleKind::storage, "tensor's storage").index;
  tensor.dtype = document_.storages[tensor.storage].dtype;
  tensor.offset =
      size_argument(argument(arguments, 1, PickleKind::integer, "tensor's offset"), "tensor's offset");
  tensor.shape = sizes_of(argument(arguments, 2, PickleKind::tuple, "tensor's shape"), "tensor's shape");
  tensor.strides =
      sizes_of(argument(arguments, 3, PickleKind::tuple, "tensor's strides"), "tensor's strides");
  if (tensor.shape.size() != tensor.strides.size()) fail("a tensor with other numbers of sizes and strides");
  std::size_t metadata = 6;
  if (has_dtype) {
    const PickleValue& value = argument(arguments, 6, PickleKind::global, "tensor's dtype");
    if (global_at(value.index).call != PickleCall::dtype) fail("expected a dtype as the tensor's dtype");
    tensor.dtype = *global_at(value.index).dtype;
    metadata = 7;
  }
  if (arguments.items.size() > metadata && !document_.values[arguments.items[metadata]].items.empty()) {
    fail("a tensor that is a negated or conjugated view");
  }
  document_.tensors.push_back(std::move(tensor));
  const PickleId id = make(PickleKind::tensor);
  document_.values[id].index = document_.tensors.size() - 1;
  return id;
}

/// BINPERSID: ("storage", type, key, location, size), in legacy files with (view key, offset, size) or None.
void PickleMachine::load_storage() {
  const PickleValue& id = document_.values[pop()];
  if (id.kind != PickleKind::tuple) fail("expected a tuple as persistent id");
  const std::string_view tag = argument(id, 0, PickleKind::string, "kind of a persistent id").text;
  if (tag != "storage") fail("expected \"storage\" as persistent id, found " + quoted(tag));
  const PickleValue& type = argument(id, 1, PickleKind::global, "storage's type");
  if (global_at(type.index).call != PickleCall::storage_type) fail("expected a storage type");
  PickleStorage storage;
  storage.dtype = *global_at(type.index).dtype;
  storage.key = argument(id, 2, PickleKind::string, "storage's key").text;
  storage.size = size_argument(argument(id, 4, PickleKind::integer, "storage's size"), "storage's size");
  storage.view_size = storage.size;
  if (id.items.size() > 5 && document_.values[id.items[5]].kind != PickleKind::none) {
    const PickleValue& view = argument(id, 5, PickleKind::tuple, "storage's view");
    storage.view_offset =
        size_argument(argument(view, 1, PickleKind::integer, "view's offset"), "a storage view's offset");
    storage.view_size =
        size_argument(argument(view, 2, PickleKind::integer, "view's size"), "a storage view's size");
    const auto end = checked_add(storage.view_offset, storage.view_size);
    if (!end || *end > storage.size) fail("a storage view goes beyond its storage");
  }
  document_.storages.push_back(storage);
  const PickleId value = make(PickleKind::storage);
  document_.values[value].index = document_.storages.size() - 1;
  push(value);
}

}  // namespace berta::io
