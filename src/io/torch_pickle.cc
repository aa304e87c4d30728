#include "io/torch_pickle.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "io/byte_reader.h"
#include "io/pickle_machine.h"
#include "io/quote.h"
#include "io/torch_globals.h"

namespace berta::io {
namespace {

// A state dict of 1,000 tensors takes about 30,000 steps and values.
constexpr std::size_t kMaxSteps = 2'000'000;
constexpr std::size_t kMaxValues = 300'000;
constexpr std::size_t kMaxStack = 1'000'000;

std::string hex(unsigned char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  return {'0', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

}  // namespace

PickleDocument unpickle(std::span<const std::byte> bytes, std::string_view where) {
  return PickleMachine(bytes, where).run();
}

PickleDocument PickleMachine::run() {
  constexpr unsigned char kStop = '.';
  constexpr unsigned char kProto = 0x80;
  if (bytes_.size() < 2 || static_cast<unsigned char>(bytes_[0]) != kProto) {
    fail("expected a pickle of protocol 2 to 5");
  }
  while (true) {
    const auto opcode = static_cast<unsigned char>(take(1).front());
    if (opcode == kStop) break;
    if (++steps_ > kMaxSteps) fail("more than " + std::to_string(kMaxSteps) + " steps");
    if (!step_numbers(opcode) && !step_texts(opcode) && !step_containers(opcode) && !step_filling(opcode) &&
        !step_memo(opcode) && !step_objects(opcode)) {
      --position_;
      fail("opcode " + hex(opcode) + " is not allowed");
    }
  }
  document_.root = pop();
  document_.bytes = position_;
  return std::move(document_);
}

void PickleMachine::fail(const std::string& what) const {
  throw UserError(std::string(where_) + ": pickle at byte " + std::to_string(position_) + ": " + what);
}

std::string_view PickleMachine::take(std::uint64_t count) {
  const auto part = read_bytes(bytes_, position_, count);
  if (!part) fail("the pickle ends early");
  position_ += part->size();
  return {reinterpret_cast<const char*>(part->data()), part->size()};
}

template <class T>
T PickleMachine::take_number() {
  const auto value = read_number<T>(bytes_, position_);
  if (!value) fail("the pickle ends early");
  position_ += sizeof(T);
  return *value;
}

std::string_view PickleMachine::take_line() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_,
                              bytes_.size() - position_);
  const auto end = rest.find('\n');
  if (end == rest.npos) fail("the pickle ends early");
  position_ += end + 1;
  return rest.substr(0, end);
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

bool PickleMachine::step_numbers(unsigned char opcode) {
  switch (opcode) {
    case 'N':
      push(make(PickleKind::none));
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      push_integer(PickleKind::boolean, opcode == 0x88);
      return true;
    case 'J':
      push_integer(PickleKind::integer, take_number<std::int32_t>());
      return true;
    case 'K':
      push_integer(PickleKind::integer, take_number<std::uint8_t>());
      return true;
    case 'M':
      push_integer(PickleKind::integer, take_number<std::uint16_t>());
      return true;
    case 0x8a:  // LONG1
      push_long(take(take_number<std::uint8_t>()));
      return true;
    case 0x8b:  // LONG4
      push_long(take(take_number<std::uint32_t>()));
      return true;
    case 'G': {  // big-endian double
      const auto bits = __builtin_bswap64(take_number<std::uint64_t>());
      const PickleId id = make(PickleKind::real);
      document_.values[id].real = std::bit_cast<double>(bits);
      push(id);
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::step_texts(unsigned char opcode) {
  switch (opcode) {
    case 'U':  // SHORT_BINSTRING
      push_old_string(take(take_number<std::uint8_t>()));
      return true;
    case 'T':  // BINSTRING
      push_old_string(take(take_number<std::uint32_t>()));
      return true;
    case 0x8c:  // SHORT_BINUNICODE
      push_text(PickleKind::string, take(take_number<std::uint8_t>()));
      return true;
    case 'X':  // BINUNICODE
      push_text(PickleKind::string, take(take_number<std::uint32_t>()));
      return true;
    case 0x8d:  // BINUNICODE8
      push_text(PickleKind::string, take(take_number<std::uint64_t>()));
      return true;
    case 'C':  // SHORT_BINBYTES
      push_text(PickleKind::bytes, take(take_number<std::uint8_t>()));
      return true;
    case 'B':  // BINBYTES
      push_text(PickleKind::bytes, take(take_number<std::uint32_t>()));
      return true;
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      push_text(PickleKind::bytes, take(take_number<std::uint64_t>()));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_containers(unsigned char opcode) {
  switch (opcode) {
    case '(':
      if (marks_.size() >= kMaxStack) fail("more than " + std::to_string(kMaxStack) + " marks");
      marks_.push_back(stack_.size());
      return true;
    case ']':
      push_container(PickleKind::list, {});
      return true;
    case ')':
      push_container(PickleKind::tuple, {});
      return true;
    case '}':
      push_container(PickleKind::dict, {});
      return true;
    case 0x8f:  // EMPTY_SET
      push_container(PickleKind::set, {});
      return true;
    case 'l':
      push_container(PickleKind::list, pop_to_mark());
      return true;
    case 't':
      push_container(PickleKind::tuple, pop_to_mark());
      return true;
    case 0x91:  // FROZENSET
      push_container(PickleKind::set, pop_to_mark());
      return true;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      push_container(PickleKind::tuple, pop_many(opcode - 0x84u));
      return true;
    default:
      return false;
  }
}

void PickleMachine::append(PickleKind kind, const std::vector<PickleId>& items) {
  PickleValue& target = document_.values[top()];
  if (target.kind != kind) fail("items for a container that isn't on the stack");
  if (kind == PickleKind::dict && items.size() % 2 != 0) fail("a dict key without a value");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

bool PickleMachine::step_filling(unsigned char opcode) {
  switch (opcode) {
    case 'a':
      append(PickleKind::list, pop_many(1));
      return true;
    case 'e':
      append(PickleKind::list, pop_to_mark());
      return true;
    case 's':
      append(PickleKind::dict, pop_many(2));
      return true;
    case 'u':
      append(PickleKind::dict, pop_to_mark());
      return true;
    case 'd': {
      push_container(PickleKind::dict, {});
      const PickleId dict = pop();
      const std::vector<PickleId> items = pop_to_mark();
      push(dict);
      append(PickleKind::dict, items);
      return true;
    }
    case 0x90:  // ADDITEMS
      append(PickleKind::set, pop_to_mark());
      return true;
    default:
      return false;
  }
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

bool PickleMachine::step_memo(unsigned char opcode) {
  switch (opcode) {
    case 'h':
      recall(take_number<std::uint8_t>());
      return true;
    case 'j':
      recall(take_number<std::uint32_t>());
      return true;
    case 'q':
      remember(take_number<std::uint8_t>());
      return true;
    case 'r':
      remember(take_number<std::uint32_t>());
      return true;
    case 0x94:  // MEMOIZE
      remember(memo_.size());
      return true;
    case '0':
      pop();
      return true;
    case '1':
      pop_to_mark();
      return true;
    case '2':
      push(top());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_objects(unsigned char opcode) {
  switch (opcode) {
    case 0x80: {  // PROTO
      const auto protocol = take_number<std::uint8_t>();
      if (protocol < 2 || protocol > 5) {
        fail("expected a pickle of protocol 2 to 5, found " + std::to_string(protocol));
      }
      return true;
    }
    case 0x95: {  // FRAME: a hint for readers of streams
      const auto length = take_number<std::uint64_t>();
      if (length > bytes_.size() - position_) fail("a frame goes beyond the end");
      return true;
    }
    case 'c': {
      const std::string_view module = take_line();
      push_global(module, take_line());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleValue& name = document_.values[pop()];
      const PickleValue& module = document_.values[pop()];
      if (name.kind != PickleKind::string || module.kind != PickleKind::string)
        fail("a global without a name");
      push_global(module.text, name.text);
      return true;
    }
    case 'R':   // REDUCE
    case 0x81:  // NEWOBJ
      call();
      return true;
    case 'b':
      build();
      return true;
    case 'Q':
      load_storage();
      return true;
    default:
      return false;
  }
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
