// The machine's stack, its values and its memo, each bounded.
#include <utility>

#include "core/utf8.h"
#include "io/pickle_machine.h"
#include "io/quote.h"
#include "io/torch_globals.h"

namespace berta::io {
namespace {

// A state dict of 1,000 tensors takes about 30,000 values.
constexpr std::size_t kMaxValues = 300'000;
constexpr std::size_t kMaxStack = 1'000'000;

}  // namespace

void PickleMachine::push_mark() {
  if (marks_.size() >= kMaxStack) fail("more than " + std::to_string(kMaxStack) + " marks");
  marks_.push_back(stack_.size());
}

void PickleMachine::push(PickleId id) {
  if (stack_.size() >= kMaxStack) fail("a stack of more than " + std::to_string(kMaxStack) + " values");
  stack_.push_back(id);
}

PickleId PickleMachine::top() const {
  if (stack_.size() <= bottom()) fail("the stack is empty");
  return stack_.back();
}

PickleId PickleMachine::pop() {
  const PickleId id = top();
  stack_.pop_back();
  return id;
}

std::vector<PickleId> PickleMachine::pop_many(std::size_t count) {
  if (stack_.size() - bottom() < count) fail("the stack is empty");
  const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<PickleId> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  return items;
}

std::vector<PickleId> PickleMachine::pop_to_mark() {
  if (marks_.empty()) fail("no mark on the stack");
  std::vector<PickleId> items = pop_many(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

PickleId PickleMachine::make(PickleKind kind) {
  if (document_.values.size() >= kMaxValues) fail("more than " + std::to_string(kMaxValues) + " values");
  document_.values.emplace_back().kind = kind;
  return static_cast<PickleId>(document_.values.size() - 1);
}

void PickleMachine::push_integer(PickleKind kind, std::int64_t value) {
  const PickleId id = make(kind);
  document_.values[id].integer = value;
  push(id);
}

/// LONG1 and LONG4: little-endian two's complement of any length.
void PickleMachine::push_long(std::string_view bytes) {
  if (bytes.size() > 8) return push_text(PickleKind::big_integer, bytes);
  std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    value = (value << 8) | static_cast<unsigned char>(*byte);
  }
  push_integer(PickleKind::integer, static_cast<std::int64_t>(value));
}

void PickleMachine::push_text(PickleKind kind, std::string_view text) {
  if (kind == PickleKind::string) {
    if (find_invalid_utf8(text)) fail("a string of invalid UTF-8");
  }
  const PickleId id = make(kind);
  document_.values[id].text = text;
  push(id);
}

/// Python 2's strings, which are texts or bytes.
void PickleMachine::push_old_string(std::string_view text) {
  push_text(find_invalid_utf8(text) ? PickleKind::bytes : PickleKind::string, text);
}

void PickleMachine::push_container(PickleKind kind, std::vector<PickleId> items) {
  const PickleId id = make(kind);
  document_.values[id].items = std::move(items);
  push(id);
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  const auto global = find_global(module, name);
  if (!global) {
    fail("refused the global " + quoted(std::string(module) + "." + std::string(name)) +
         ", which is none of those that a state dict needs; nothing of the file was executed");
  }
  const PickleId id = make(PickleKind::global);
  document_.values[id].index = *global;
  push(id);
}

void PickleMachine::append(PickleKind kind, const std::vector<PickleId>& items) {
  PickleValue& target = document_.values[top()];
  if (target.kind != kind) fail("items for a container that isn't on the stack");
  if (kind == PickleKind::dict && items.size() % 2 != 0) fail("a dict key without a value");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

void PickleMachine::remember(std::uint64_t key) {
  if (memo_.size() >= kMaxValues) fail("a memo of more than " + std::to_string(kMaxValues) + " values");
  memo_[key] = top();
}

void PickleMachine::recall(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail("memo " + std::to_string(key) + " was never stored");
  push(found->second);
}

/// Python would set attributes; those of dicts (a state dict's _metadata) and carried objects are of no use.
void PickleMachine::build() {
  pop();
  const PickleKind kind = document_.values[top()].kind;
  if (kind != PickleKind::dict && kind != PickleKind::opaque && kind != PickleKind::tensor) {
    fail("a state for an object that takes none");
  }
}

}  // namespace berta::io
