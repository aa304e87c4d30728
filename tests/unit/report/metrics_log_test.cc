#include "report/metrics_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../io/temporary.h"

namespace berta::report {
namespace {

using io::error_of;
using io::read_all;
using io::TemporaryFolder;

void write_step(MetricsLog& log, std::int64_t step, double loss) {
  log.write({.step = step, .epoch = 0.5, .time = 2, .values = {{.name = "loss", .value = loss}}});
}

TEST(MetricsLog, OneObjectALine) {
  const TemporaryFolder folder;
  MetricsLog log = MetricsLog::create(folder.file("metrics.jsonl"));
  log.write({.step = 3,
             .epoch = 0.25,
             .time = 1.5,
             .values = {{.name = "loss", .value = 0.1}, {.name = "a \"b\"\n", .value = 1e300}}});
  log.write({.step = 4, .epoch = {}, .time = 2, .values = {}});
  EXPECT_EQ(read_all(log.path()),
            "{\"step\":3,\"epoch\":0.25,\"time\":1.5,\"loss\":0.1,\"a \\\"b\\\"\\n\":1e+300}\n"
            "{\"step\":4,\"time\":2.0}\n");
  EXPECT_EQ(error_of([&] { MetricsLog::create(log.path()); }), log.path() + ": cannot create: File exists");
  EXPECT_THROW(log.write({.step = 5, .epoch = {}, .time = 0, .values = {{.name = "step", .value = 1}}}),
               InternalError);
}

TEST(MetricsLog, ResumeCutsLaterStepsAndATornLine) {
  const TemporaryFolder folder;
  const std::string path = folder.file("metrics.jsonl");
  {
    MetricsLog log = MetricsLog::create(path);
    for (const int step : {10, 20, 30, 40}) write_step(log, step, step);
  }
  const std::string whole = read_all(path);
  const std::string two = whole.substr(0, whole.find("{\"step\":30"));
  for (const char* torn : {"", "{\"step\":1", "{\"step\":15}", "\xff", "{"}) {
    folder.write("metrics.jsonl", whole + torn);
    MetricsLog log = MetricsLog::resume(path, 20);
    EXPECT_EQ(read_all(path), two) << torn;
    write_step(log, 30, 1);
    EXPECT_EQ(read_all(path), two + "{\"step\":30,\"epoch\":0.5,\"time\":2.0,\"loss\":1.0}\n");
  }
  // Nothing to cut: the file is not even written anew.
  folder.write("metrics.jsonl", two);
  const auto before = std::filesystem::last_write_time(path);
  MetricsLog::resume(path, 20);
  EXPECT_EQ(read_all(path), two);
  EXPECT_EQ(std::filesystem::last_write_time(path), before);
  MetricsLog::resume(path, 0);
  EXPECT_EQ(read_all(path), "");
}

TEST(MetricsLog, ResumeOfAMissingFileStartsOne) {
  const TemporaryFolder folder;
  MetricsLog log = MetricsLog::resume(folder.file("m"), 5);
  write_step(log, 6, 1);
  EXPECT_EQ(read_metrics(log.path()).size(), 1u);
}

TEST(MetricsLog, OtherFilesAreNotCut) {
  const TemporaryFolder folder;
  for (const char* other : {"hello\n{\"step\":3}\n", "{}\n", "[1]\n", "{\"step\":\"3\"}\n", "\n"}) {
    const std::string path = folder.write("m", other);
    EXPECT_EQ(error_of([&] { MetricsLog::resume(path, 1); }).find(path + ": line 1: "), 0u) << other;
    EXPECT_EQ(read_all(path), other);
  }
  EXPECT_EQ(
      error_of([&] { read_metrics(folder.write("m", "{\"step\":1}\n{}\n")); }),
      folder.file("m") +
          ": line 2: expected a JSON object with an integer 'step', found none; move the file away if it is "
          "no log of this program");
}

TEST(MetricsLog, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const double infinity = std::numeric_limits<double>::infinity();
  MetricsLog log = MetricsLog::create(folder.file("m"));
  write_step(log, 1, 0.1);
  write_step(log, 2, -infinity);
  log.write({.step = 2, .epoch = {}, .time = 3, .values = {{.name = "dev/accuracy", .value = 1.0 / 3}}});
  write_step(log, 3, std::nan(""));
  const auto series = read_metrics(log.path());
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[0].name, "loss");
  ASSERT_EQ(series[0].points.size(), 3u);
  EXPECT_EQ(series[0].points[0], (Point{.step = 1, .value = 0.1}));
  EXPECT_EQ(series[0].points[1], (Point{.step = 2, .value = -infinity}));
  EXPECT_TRUE(std::isnan(series[0].points[2].value));
  EXPECT_EQ(series[1].name, "dev/accuracy");
  EXPECT_EQ(series[1].points, (std::vector<Point>{{.step = 2, .value = 1.0 / 3}}));
}

}  // namespace
}  // namespace berta::report
