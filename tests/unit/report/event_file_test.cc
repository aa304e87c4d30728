#include "report/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "../io/temporary.h"
#include "io/crc32c.h"
#include "io/folder.h"
#include "report/proto_writer.h"

namespace berta::report {
namespace {

using io::error_of;
using io::read_all;
using io::TemporaryFolder;

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::uint64_t masked(std::string_view bytes) {
  const std::uint32_t crc = io::crc32c(std::as_bytes(std::span(bytes)));
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

/// The payloads of a file whose sums are right; a torn end is left out, as readers do.
std::vector<std::string> payloads(std::string_view file) {
  std::vector<std::string> found;
  while (file.size() >= 16) {
    const std::uint64_t size = number_at(file, 0, 8);
    EXPECT_EQ(number_at(file, 8, 4), masked(file.substr(0, 8)));
    if (file.size() < size + 16) break;
    found.emplace_back(file.substr(12, size));
    EXPECT_EQ(number_at(file, 12 + size, 4), masked(found.back()));
    file.remove_prefix(size + 16);
  }
  return found;
}

TEST(ProtoWriter, WireFormat) {
  EXPECT_EQ(hex(ProtoWriter().integer(1, 150).str()), "089601");  // the example of the format's documentation
  EXPECT_EQ(hex(ProtoWriter().bytes(2, "testing").str()), "120774657374696e67");
  EXPECT_EQ(hex(ProtoWriter().message(3, ProtoWriter().integer(1, 150)).str()), "1a03089601");
  EXPECT_EQ(hex(ProtoWriter().integer(1, -1).str()), "08ffffffffffffffffff01");
  EXPECT_EQ(hex(ProtoWriter().integer(16, 0).str()), "800100");
  EXPECT_EQ(hex(ProtoWriter().real(1, 1.0).str()), "09000000000000f03f");
  EXPECT_EQ(hex(ProtoWriter().real(2, 1.0F).str()), "150000803f");
  EXPECT_EQ(hex(ProtoWriter().text(1, "a\xff").str()), "0a0461efbfbd");
}

TEST(EventRecord, ExactBytes) {
  EXPECT_EQ(hex(version_event(1.0)),
            "09000000000000f03f"
            "1a0d"
            "627261696e2e4576656e743a32");
  const std::vector<NamedValue> values{{.name = "a", .value = 0.5}, {.name = "b", .value = -2}};
  EXPECT_EQ(hex(scalars_event(1.0, 300, values)),
            "09000000000000f03f"
            "10ac02"
            "2a14"
            "0a080a0161150000003f"
            "0a080a016215000000c0");
  EXPECT_EQ(hex(start_event(1.0, 7)),
            "09000000000000f03f"
            "1007"
            "3a020801");
  EXPECT_EQ(hex(text_event(1.0, 0, "t", "x")),
            "09000000000000f03f"

            "2a1a"
            "0a18"
            "0a0174"
            "4207"
            "0807"
            "1200"
            "420178"
            "4a0a"
            "0a06"
            "0a0474657874"
            "2002");
}

TEST(EventRecord, FramesWithMaskedSums) {
  // What tensorboard's own RecordWriter makes of no bytes.
  EXPECT_EQ(hex(framed("")),
            "0000000000000000"
            "29039807"
            "d8ea82a2");
  EXPECT_EQ(payloads(framed("one") + framed(std::string(5000, 'x'))),
            (std::vector<std::string>{"one", std::string(5000, 'x')}));
}

TEST(EventRecord, NumbersBeyondFloat) {
  const auto bits = [](double value) {
    const NamedValue one{.name = "a", .value = value};
    const std::string event = scalars_event(1.0, 0, std::span(&one, 1));
    return number_at(event, event.size() - 4, 4);
  };
  EXPECT_EQ(bits(1e300), 0x7f800000u);
  EXPECT_EQ(bits(-1e300), 0xff800000u);
  EXPECT_EQ(bits(std::numeric_limits<double>::infinity()), 0x7f800000u);
  EXPECT_EQ(bits(std::numeric_limits<double>::quiet_NaN()) & 0x7fc00000u, 0x7fc00000u);
  EXPECT_EQ(bits(1e-300), 0u);
}

TEST(EventFile, EveryRecordIsInTheFileAtOnceAndATornEndLosesOnlyItself) {
  const TemporaryFolder folder;
  EventFile events(folder.path());
  EXPECT_EQ(payloads(read_all(events.path())).size(), 2u);
  events.add_scalar(1, "loss", 0.5);
  events.add_plain_text(0, "command", "berta finetune\n--seed 1");
  events.sync();
  const std::string whole = read_all(events.path());
  const auto found = payloads(whole);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_NE(found[2].find("loss"), std::string::npos);
  EXPECT_NE(found[3].find("    berta finetune\n    --seed 1"), std::string::npos);
  for (std::size_t cut = 1; cut < 40; ++cut) {
    EXPECT_EQ(payloads(std::string_view(whole).substr(0, whole.size() - cut)).size(), 3u) << cut;
  }
}

TEST(EventFile, AResumedRunStartsALaterFileThatDropsLaterSteps) {
  const TemporaryFolder folder;
  const EventFile first(folder.path());
  const EventFile second(folder.path(), 40);
  EXPECT_LT(first.path(), second.path());
  EXPECT_THAT(second.path(), testing::StartsWith(folder.file("events.out.tfevents.")));
  EXPECT_THAT(second.path(), testing::EndsWith("." + std::to_string(io::process_id()) + "." +
                                               second.path().substr(second.path().rfind('.') + 1)));
  const auto found = payloads(read_all(second.path()));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(hex(found[1]).substr(18),
            "1029"
            "3a020801");  // START at step 41
}

TEST(EventFile, NamesOfOtherFilesDoNotMatter) {
  const TemporaryFolder folder;
  folder.write("events.out.tfevents.x", "");
  folder.write("events.out.tfevents.99999999999999999999.h", "");
  folder.write("events.out.tfevents.9000000000.h.1.0", "");
  const EventFile events(folder.path());
  EXPECT_THAT(events.path(), testing::StartsWith(folder.file("events.out.tfevents.9000000001.")));
}

TEST(EventFile, AFolderThatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { EventFile events(folder.file("none")); }),
              testing::EndsWith(": cannot create: No such file or directory"));
}

}  // namespace
}  // namespace berta::report
