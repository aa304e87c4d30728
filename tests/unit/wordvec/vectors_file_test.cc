#include "wordvec/vectors_file.h"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>
#include <random>

#include "temporary_folder.h"
#include "wordvec/word_model.h"

namespace berta::wordvec {
namespace {

using io::read_all;
using ::testing::AllOf;
using testing::append_gzip;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

WordVectors some_vectors(std::size_t words, std::size_t dimension) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  WordVectors vectors;
  vectors.vectors = Matrix(words, dimension);
  for (std::size_t i = 0; i < words; ++i) {
    vectors.words.insert("w\xc3\xa9" + std::to_string(i));
    for (float& value : vectors.vectors.vector(i)) value = normal(random) * 1e-3F;
  }
  vectors.vectors.row(0)[0] = 3;  // digits alone
  return vectors;
}

void expect_equal(const WordVectors& found, const WordVectors& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  ASSERT_EQ(found.dimension(), wanted.dimension());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(found.words.word(i), wanted.words.word(i));
    const auto a = found.vectors.vector(i);
    const auto b = wanted.vectors.vector(i);
    ASSERT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0) << "word " << i;
  }
}

class VectorsFile : public ::testing::TestWithParam<VectorFormat> {};

TEST_P(VectorsFile, GivesTheSameBitsBack) {
  const TemporaryFolder folder;
  for (const std::size_t dimension : {1, 3, 16, 50}) {
    for (const std::size_t words : {1, 2, 300}) {
      if (GetParam() == VectorFormat::text_no_header && dimension == 1)
        continue;  // may look like a first line
      const WordVectors vectors = some_vectors(words, dimension);
      write_vectors(folder.file("v"), vectors, GetParam());
      expect_equal(read_vectors(folder.file("v")), vectors);
    }
  }
}

TEST_P(VectorsFile, RefusesEachBeginningOfAFile) {
  const TemporaryFolder folder;
  write_vectors(folder.file("whole"), some_vectors(9, 4), GetParam());
  const std::string bytes = read_all(folder.file("whole"));
  const bool lines = GetParam() == VectorFormat::text_no_header;  // whole lines are a file, too
  for (std::size_t length = 0; length + 1 < bytes.size(); ++length) {
    if (lines && length > 0 && (bytes[length - 1] == '\n' || bytes[length] == '\n')) continue;
    folder.write("cut", bytes.substr(0, length));
    const std::string error = error_of([&] { read_vectors(folder.file("cut")); });
    // A cut number is a number: the counts tell, or nothing can.
    if (error == "" && (lines || GetParam() == VectorFormat::text)) continue;
    EXPECT_THAT(error, HasSubstr("cut: ")) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, VectorsFile,
                         ::testing::Values(VectorFormat::text, VectorFormat::text_no_header,
                                           VectorFormat::word2vec_binary, VectorFormat::safetensors));

TEST(VectorsFileText, ReadsWhatOthersWrite) {
  const TemporaryFolder folder;
  const WordVectors fasttext = read_vectors(folder.write("a.vec", "2 3\nthe 0.5 -1 2e-3 \n</s> 1 2 3 \n"));
  EXPECT_EQ(fasttext.words.word(1), "</s>");
  EXPECT_THAT(fasttext.vectors.vector(0), ElementsAre(0.5F, -1.0F, 2e-3F));
  const WordVectors glove = read_vectors(folder.write("glove.txt", "the 1 2\r\nat name . 3 4\r\n"));
  EXPECT_EQ(glove.words.word(1), "at name .");
  EXPECT_THAT(glove.vectors.vector(1), ElementsAre(3.0F, 4.0F));
  append_gzip(folder, "v.gz", "1 2\nx 1 2\n");
  EXPECT_EQ(read_vectors(folder.file("v.gz")).words.word(0), "x");
  // Gensim before 3.8 wrote no line ends into its binary form.
  std::string binary = "2 1\n";
  for (const char* word : {"a ", "b "}) binary += word + std::string("\x01\x02\x03\x04", 4);
  EXPECT_EQ(read_vectors(folder.write("old.bin", binary)).words.word(1), "b");
}

TEST(VectorsFileText, NamesFileAndLine) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& text) {
    return error_of([&] { read_vectors(folder.write("v", text)); });
  };
  EXPECT_THAT(error("3 2\na 1 2\nb 1 2\n"), HasSubstr("v: line 1 announces 3 words, found 2"));
  EXPECT_THAT(error("1 2\na 1 2\nb 1 2\n"), HasSubstr("announces 1 words, found 2"));
  EXPECT_THAT(error("2 2\na 1 2\nb 1\n"), HasSubstr("v: line 3: expected a word and 2 numbers"));
  EXPECT_THAT(error("2 2\na 1 2\nb 1 x\n"),
              AllOf(HasSubstr("line 3"), HasSubstr("\"x\" is no finite number")));
  EXPECT_THAT(error("2 2\na 1 nan\nb 1 2\n"), HasSubstr("line 2"));
  EXPECT_THAT(error("2 2\na 1 2\na 1 2\n"), HasSubstr("line 3: word \"a\" a second time"));
  EXPECT_THAT(error("a 1 2\nb 1 2 3\nc 1\n"), HasSubstr("line 3"));
  EXPECT_THAT(error("2 2\na 1 2 3\nb 1\n"), HasSubstr("v: line 3"));
  EXPECT_THAT(error("3 2\nthe 0.1\nof 0.1 0.2\nx 1 2"),
              HasSubstr("v: line 2: expected a word and 2 numbers"));
  EXPECT_THAT(error("1 1048576\nw 1"), HasSubstr("v: line 2"));  // without taking memory for a row
  EXPECT_THAT(error("word\n"), HasSubstr("line 1"));
  EXPECT_THAT(error(""), HasSubstr("empty file"));
  EXPECT_THAT(error_of([&] { read_vectors(folder.file("none")); }), HasSubstr("none: cannot open"));
}

TEST(VectorsFileBinary, RefusesSizesThatItsBytesCannotHold) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& text) {
    return error_of([&] { read_vectors(folder.write("v.bin", text)); });
  };
  const std::string number("\x01\x02\x80\x04", 4);
  EXPECT_THAT(error("99999999999999 1000\na " + number), HasSubstr("more than its"));
  EXPECT_THAT(error("2 1\na " + number + "\nb"), HasSubstr("v.bin: expected 2 words, ends within word 2"));
  EXPECT_THAT(error("1 1\na " + number + "\nb " + number), HasSubstr("behind the 1 words"));
  EXPECT_THAT(error("2 1\na " + number + "\na " + number), HasSubstr("word 2: \"a\" comes a second time"));
  EXPECT_THAT(error(std::string("\x3a\x33\x4f\x2f", 4) + "rest"),
              HasSubstr("v.bin: line 1: expected a word and numbers"));
  std::string model(16, '\0');
  const std::uint32_t magic = 793712314;
  std::memcpy(model.data(), &magic, sizeof(magic));
  EXPECT_THAT(error(model), HasSubstr("a model of fastText"));
}

TEST(Subwords, AreThoseOfFastText) {
  std::vector<std::uint32_t> found;
  append_subwords({.shortest = 3, .longest = 4, .buckets = 2000000}, "where", found);
  EXPECT_THAT(found, ElementsAre(167652, 989715, 420941, 312621, 1473420, 1540811, 1529033, 1568469, 867498));
  found.clear();
  append_subwords({.shortest = 1, .longest = 2, .buckets = 1000},
                  "n\xc3\xa9"
                  "e",
                  found);
  EXPECT_THAT(found, ElementsAre(655, 553, 165, 777, 452, 744, 490));
  found.clear();
  append_subwords({}, "where", found);
  EXPECT_TRUE(found.empty());
}

TEST(Subwords, MakeVectorsOfUnknownWords) {
  const TemporaryFolder folder;
  TrainOptions options;
  options.dimension = 5;
  options.subwords = {.shortest = 3, .longest = 5, .buckets = 40};
  Vocabulary vocabulary;
  vocabulary.words.insert("houses");
  vocabulary.counts = {2};
  WordModel model = make_word_model(vocabulary, options);
  std::vector<std::uint32_t> parts;
  append_subwords(options.subwords, "houses", parts);
  double wanted = static_cast<double>(model.inputs.row(0)[2]);
  for (const std::uint32_t part : parts) wanted += static_cast<double>(model.inputs.row(1 + part)[2]);
  const WordVectors vectors = to_word_vectors(std::move(model), options);
  EXPECT_NEAR(vectors.vectors.row(0)[2], wanted / static_cast<double>(parts.size() + 1), 1e-7);
  write_vectors(folder.file("v.safetensors"), vectors, VectorFormat::safetensors);
  const WordVectors read = read_vectors(folder.file("v.safetensors"));
  EXPECT_EQ(read.subwords, options.subwords);
  EXPECT_EQ(read.find("housing"), vectors.find("housing"));
  ASSERT_TRUE(read.find("housing").has_value());
  EXPECT_NE((*read.find("housing"))[0], 0);
  EXPECT_EQ(first_words(read, 1).find("housing"), read.find("housing"));
  EXPECT_EQ(some_vectors(3, 4).find("unknown"), std::nullopt);
}

TEST(Subwords, VectorsToBeginWithComeBackTheSame) {
  TrainOptions options;
  options.dimension = 5;
  options.subwords = {.shortest = 3, .longest = 5, .buckets = 40};
  Vocabulary vocabulary;
  for (const char* word : {"houses", "tree"}) vocabulary.words.insert(word);
  vocabulary.counts = {3, 2};
  const WordVectors old = to_word_vectors(make_word_model(vocabulary, options), options);
  options.seed = 7;
  WordModel model = make_word_model(vocabulary, options);
  check_begin(old, options);
  begin_from(model, old);
  const WordVectors again = to_word_vectors(std::move(model), options);
  for (const char* word : {"houses", "tree", "treehouse"}) {
    const auto wanted = *old.find(word);
    const auto found = *again.find(word);
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-6) << word;
  }
}

TEST(VectorsFileContent, RefusesWordsThatAFormatCannotHold) {
  const TemporaryFolder folder;
  WordVectors vectors;
  vectors.words.insert("New York");
  vectors.words.insert("a\nb");
  vectors.vectors = Matrix(2, 3);
  const auto error = [&](VectorFormat format) {
    return error_of([&] { write_vectors(folder.file("v"), vectors, format); });
  };
  EXPECT_THAT(error(VectorFormat::word2vec_binary), HasSubstr("word \"New York\" cannot be written"));
  EXPECT_THAT(error(VectorFormat::text), HasSubstr("v: word \"a\\nb\" cannot"));
  EXPECT_EQ(error(VectorFormat::safetensors), "");
  EXPECT_EQ(read_vectors(folder.file("v")).words.word(1), "a\nb");
}

TEST(VectorsFileContent, RefusesNumbersThatAreNotFinite) {
  const TemporaryFolder folder;
  WordVectors vectors = some_vectors(3, 4);
  vectors.vectors.row(1)[2] = std::numeric_limits<float>::quiet_NaN();
  for (const VectorFormat format :
       {VectorFormat::text, VectorFormat::word2vec_binary, VectorFormat::safetensors}) {
    write_vectors(folder.file("v"), vectors, format);
    EXPECT_THAT(error_of([&] { read_vectors(folder.file("v")); }), HasSubstr("v: "));
  }
}

TEST(Matrix, HasRowsOfWholeCacheLines) {
  Matrix matrix(3, 17);
  EXPECT_EQ(matrix.stride(), 32U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix.row(1)) % 64, 0U);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(matrix.row(2)[i], 0);
}

}  // namespace
}  // namespace berta::wordvec
