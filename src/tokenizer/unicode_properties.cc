#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <vector>

#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

#include "tokenizer/unicode_properties_data.inc"

constexpr std::size_t kBlock = 128;
constexpr std::size_t kBlocks = 0x110000 / kBlock;

/// Two-stage table, unrolled from the runs once: block numbers, then records; equal neighbours share a block.
class Table {
 public:
  Table() {
    std::vector<std::uint8_t> flat(0x110000);
    for (std::size_t i = 0; i < std::size(kRuns); ++i) {
      const std::size_t begin = kRuns[i] >> 8;
      const std::size_t end = i + 1 < std::size(kRuns) ? kRuns[i + 1] >> 8 : flat.size();
      std::memset(flat.data() + begin, static_cast<int>(kRuns[i] & 0xFF), end - begin);
    }
    for (std::size_t number = 0; number < kBlocks; ++number) {
      const std::uint8_t* block = flat.data() + number * kBlock;
      if (number == 0 || std::memcmp(block, block - kBlock, kBlock) != 0)
        records_.insert(records_.end(), block, block + kBlock);
      blocks_[number] = static_cast<std::uint16_t>(records_.size() / kBlock - 1);
    }
  }

  const CodePointProperties& find(char32_t c) const {
    if (c > 0x10FFFF) return kRecords[0];
    return kRecords[records_[blocks_[c / kBlock] * kBlock + c % kBlock]];
  }

 private:
  std::array<std::uint16_t, kBlocks> blocks_{};
  std::vector<std::uint8_t> records_;
};

}  // namespace

const CodePointProperties& code_point_properties(char32_t c) {
  static const Table table;
  return table.find(c);
}

}  // namespace berta::tokenizer
