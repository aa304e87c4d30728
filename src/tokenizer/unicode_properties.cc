#include <algorithm>
#include <array>
#include <cstddef>
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
    std::array<std::uint8_t, kBlock> block{};
    std::size_t run = 0;
    for (std::size_t number = 0; number < kBlocks; ++number) {
      for (std::size_t i = 0; i < kBlock; ++i) {
        const std::size_t c = number * kBlock + i;
        if (run + 1 < std::size(kRuns) && (kRuns[run + 1] >> 8) == c) ++run;
        block[i] = static_cast<std::uint8_t>(kRuns[run] & 0xFF);
      }
      if (number == 0 || !std::equal(block.begin(), block.end(), records_.end() - kBlock))
        records_.insert(records_.end(), block.begin(), block.end());
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
