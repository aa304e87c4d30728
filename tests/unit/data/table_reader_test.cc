#include "data/table_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "file.h"

namespace berta::data {
namespace {

using Rows = std::vector<Cells>;

io::LineReader lines_of(const std::string& text, std::size_t max_bytes = io::LineReader::kMaxBytes) {
  return {"t",
          [text, at = std::size_t{0}](std::span<char> out) mutable {
            const std::size_t count = std::min(out.size(), text.size() - at);
            text.copy(out.data(), count, at);
            at += count;
            return count;
          },
          max_bytes};
}

Rows read(const std::string& text, FileFormat format) {
  TableReader table(lines_of(text), format);
  Rows rows;
  for (Cells cells; table.next(cells);) rows.push_back(cells);
  return rows;
}

std::string refusal(const std::string& text, FileFormat format = FileFormat::csv) {
  return error_of([&] { read(text, format); });
}

/// As a spreadsheet writes it: quotes where they are needed, or everywhere.
std::string written(const Rows& rows, bool always_quoted, const char* end) {
  std::string text;
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      const bool alone = row.size() == 1 && row[0].empty();  // else it is a blank line
      if (always_quoted || alone || row[i].find_first_of(",\"\n\r") != std::string::npos) {
        text += '"';
        for (const char c : row[i]) text += c == '"' ? "\"\"" : std::string(1, c);
        text += '"';
      } else {
        text += row[i];
      }
    }
    text += end;
  }
  return text;
}

TEST(Csv, ReadsBackWhatIsWritten) {
  EXPECT_TRUE(rc::check([](bool always_quoted, bool windows) {
    const auto character = rc::gen::element<char>('a', ',', '"', '\n', ' ', '\t', ';', '\'');
    const auto cell = rc::gen::container<std::string>(character);
    const auto row = rc::gen::nonEmpty(rc::gen::container<Cells>(cell));
    const auto rows = *rc::gen::container<Rows>(row);
    RC_ASSERT(read(written(rows, always_quoted, windows ? "\r\n" : "\n"), FileFormat::csv) == rows);
  }));
}

TEST(Csv, ReadsQuotesCommasAndEndsOfLines) {
  EXPECT_EQ(read("a,b\n\"x, \"\"y\"\"\n\nz\",\"\"\n\n,\n", FileFormat::csv),
            (Rows{{"a", "b"}, {"x, \"y\"\n\nz", ""}, {"", ""}}));
  EXPECT_EQ(read("\xef\xbb\xbf\"a\",b\r\n1,2", FileFormat::csv), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read("\"one\r\ntwo\"\r\n", FileFormat::csv), (Rows{{"one\ntwo"}}));
  EXPECT_EQ(read("", FileFormat::csv), Rows{});
}

TEST(Csv, ErrorsNameTheLineWhereTheRowBegins) {
  EXPECT_EQ(refusal("a\nb,\"c\nd"), "t: line 2: expected a closing quote, found the end of the file");
  EXPECT_EQ(refusal("\"a\nb\"c"),
            "t: line 1: expected a comma behind the closing quote of cell 1, found 'c'");
  EXPECT_EQ(refusal("x,5\" pipe"), "t: line 1: expected quotes around cell 2, found one within it");
  EXPECT_EQ(refusal("x\n\"a\nb\xff\""), "t: line 3: expected UTF-8, found an invalid byte at 2");
}

TEST(Csv, GoesOnBehindAnError) {
  TableReader table(lines_of("a\"b\nc\n"), FileFormat::csv);
  Cells cells;
  EXPECT_NE(error_of([&] { table.next(cells); }), "");
  ASSERT_TRUE(table.next(cells));
  EXPECT_EQ(cells, Cells{"c"});
  EXPECT_EQ(table.where(), "t: line 2");
}

TEST(Csv, HostileBytesAreErrorsOrRows) {
  EXPECT_TRUE(rc::check([](const std::string& text, bool tsv) {
    TableReader table(lines_of(text, 20), tsv ? FileFormat::tsv : FileFormat::csv);
    Cells cells;
    for (bool more = true; more;) {
      try {
        more = table.next(cells);
      } catch (const UserError&) {
      }
    }
  }));
}

TEST(Tsv, HasNoQuotes) {
  EXPECT_EQ(read("a\t\"b\n \t\n\tc\"\t\r\n", FileFormat::tsv), (Rows{{"a", "\"b"}, {"", "c\"", ""}}));
  EXPECT_EQ(refusal("a\tb\nc\td\xc3", FileFormat::tsv),
            "t: line 2: expected UTF-8, found an invalid byte at 4");
}

}  // namespace
}  // namespace berta::data
