#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/torch_pickle.h"

namespace berta::io {

/// The stack machine behind unpickle(). Opcodes: CPython's Lib/pickle.py and Lib/pickletools.py, 3.11.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  PickleDocument run();

 private:
  // Groups of opcodes; each returns false for one that isn't its own.
  bool step_numbers(unsigned char opcode);
  bool step_texts(unsigned char opcode);
  bool step_containers(unsigned char opcode);
  bool step_filling(unsigned char opcode);
  bool step_memo(unsigned char opcode);
  bool step_objects(unsigned char opcode);

  [[noreturn]] void fail(const std::string& what) const;

  // Input.
  std::string_view take(std::uint64_t count);
  template <class T>
  T take_number();
  std::string_view take_line();

  // Stack.
  void push(PickleId id);
  void push_mark();
  PickleId pop();
  PickleId top() const;
  std::size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<PickleId> pop_to_mark();
  std::vector<PickleId> pop_many(std::size_t count);

  // New values.
  PickleId make(PickleKind kind);
  void push_integer(PickleKind kind, std::int64_t value);
  void push_long(std::string_view bytes);
  void push_text(PickleKind kind, std::string_view text);
  void push_old_string(std::string_view text);
  void push_container(PickleKind kind, std::vector<PickleId> items);
  void push_global(std::string_view module, std::string_view name);

  void append(PickleKind kind, const std::vector<PickleId>& items);
  void remember(std::uint64_t key);
  void recall(std::uint64_t key);
  void build();

  // Calls of allowed globals and persistent ids, in pickle_calls.cc.
  void call();
  PickleId call_global(std::size_t global, PickleId arguments);
  PickleId ordered_dict(const PickleValue& arguments);
  PickleId rebuild_tensor(const PickleValue& arguments, bool has_dtype);
  void load_storage();
  const PickleValue& argument(const PickleValue& tuple, std::size_t index, PickleKind kind, const char* what);
  std::int64_t size_argument(const PickleValue& value, const char* what);
  Shape sizes_of(const PickleValue& tuple, const char* what);

  std::span<const std::byte> bytes_;
  std::string_view where_;
  std::size_t position_ = 0;
  std::size_t steps_ = 0;
  std::size_t sizes_ = 0;  ///< numbers in all tensors' shapes
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;  ///< heights of the stack
  std::unordered_map<std::uint64_t, PickleId> memo_;
  PickleDocument document_;
};

}  // namespace berta::io
