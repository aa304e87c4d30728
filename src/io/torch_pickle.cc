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

// A state dict of 1,000 tensors takes about 30,000 steps.
constexpr std::size_t kMaxSteps = 2'000'000;

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
      push_mark();
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

}  // namespace berta::io
