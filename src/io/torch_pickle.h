#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_view.h"

namespace berta::io {

/// Index of a value of a PickleDocument.
using PickleId = std::uint32_t;

enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  big_integer,  ///< beyond int64: `text` has its little-endian bytes
  real,
  string,
  bytes,
  tuple,
  list,
  dict,
  set,
  global,   ///< `index` into the table of allowed globals
  storage,  ///< `index` into PickleDocument::storages
  tensor,   ///< `index` into PickleDocument::tensors
  opaque,   ///< an allowed object whose contents are of no interest, such as torch.device
};

/// A value on the machine's stack. Containers hold the ids of their items, so that sharing and depth cost
/// nothing and nothing is ever destroyed recursively.
struct PickleValue {
  PickleKind kind = PickleKind::none;
  union {
    std::int64_t integer = 0;  ///< also boolean
    double real;
    std::size_t index;
  };
  std::string_view text;        ///< string (valid UTF-8), bytes, big_integer: in the pickle's own bytes
  std::vector<PickleId> items;  ///< tuple, list; dict: key, value, key, value ...
};

/// A block of elements that tensors look into: the persistent id that torch writes.
struct PickleStorage {
  std::string_view key;
  DType dtype = DType::f32;
  std::int64_t size = 0;  ///< elements of the whole block
  /// Legacy files may name a part of a block: elements to skip and to see.
  std::int64_t view_offset = 0;
  std::int64_t view_size = 0;
};

struct PickleTensor {
  std::size_t storage = 0;
  DType dtype = DType::f32;
  std::int64_t offset = 0;  ///< in elements of dtype
  Shape shape;
  Shape strides;  ///< in elements
};

/// Everything one pickle made.
struct PickleDocument {
  std::deque<PickleValue> values;
  std::deque<PickleStorage> storages;
  std::deque<PickleTensor> tensors;
  PickleId root = 0;
  std::size_t bytes = 0;  ///< length of the pickle up to and with STOP

  const PickleValue& operator[](PickleId id) const { return values[id]; }
  const PickleValue& top() const { return values[root]; }
};

/// Reads one pickle (protocols 2 to 5) from the start of `bytes`. It executes nothing: the only callables
/// known are those that torch.save writes for tensors and plain containers (torch_globals.cc), and each is
/// replayed by our own code. `where` begins the errors, e.g. "pytorch_model.bin, data.pkl". Throws UserError:
/// another global (by name), an opcode outside the list, a broken stack, a limit.
PickleDocument unpickle(std::span<const std::byte> bytes, std::string_view where);

}  // namespace berta::io
