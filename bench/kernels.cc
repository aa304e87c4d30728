// kernels [--threads N] [--seconds S] [--json]: how near the kernels come to what the machine can do, on the
// shapes of DeBERTa-v3-base. Peaks and bandwidth are measured first; see docs/benchmarks.md.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/cpu_features.h"
#include "kernels/peaks.h"
#include "model/attention.h"
#include "ops/cpu.h"
#include "ops/stored.h"

namespace {

using namespace berta;
using kernels::Format;
using ops::CpuOps;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kHidden = 768;
constexpr std::int64_t kInner = 3072;
constexpr std::int64_t kHeads = 12;
constexpr std::int64_t kLayers = 12;
constexpr std::int64_t kBuckets = 256;
constexpr std::array kFormats = {Format::f32, Format::bf16, Format::int8};
constexpr std::array<std::int64_t, 7> kRows = {16, 32, 64, 128, 256, 512, 1024};

struct Settings {
  int threads = 0;
  double seconds = 0.1;
  bool json = false;
};

/// One measured line.
struct Result {
  std::string what;
  std::string format;
  std::int64_t rows;
  double milliseconds;
  double operations;  // 0: no arithmetic that counts
  double bytes;       // read or written at least
};

struct Machine {
  std::array<double, 3> peaks;  // operations a second, by format
  double bandwidth;             // bytes a second
  /// Milliseconds that a product takes at least: the arithmetic at the peak, or the bytes from memory. 0 for
  /// work on rows, which lie in some cache.
  double limit(const Result& result) const;
};

std::string name_of(Format format) {
  return format == Format::f32 ? "f32" : format == Format::bf16 ? "bf16" : "int8";
}

double Machine::limit(const Result& result) const {
  if (result.operations == 0) return 0;
  double seconds = result.bytes / bandwidth;
  for (const Format format : kFormats) {
    if (name_of(format) == result.format)
      seconds = std::max(seconds, result.operations / peaks[static_cast<std::size_t>(format)]);
  }
  return 1e3 * seconds;
}

/// Numbers between -1 and 1, the same everywhere.
std::vector<float> numbers(std::size_t count) {
  std::vector<float> out(count);
  std::uint64_t state = 1;
  for (float& value : out) {
    state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
    value = static_cast<float>(static_cast<std::int32_t>(state >> 32)) * 0x1p-31f;
  }
  return out;
}

/// Median milliseconds of body() over some seconds, at least three times, after a first time.
template <class Body>
double median(double seconds, const Body& body) {
  body();
  std::vector<double> times;
  const auto start = Clock::now();
  while (times.size() < 3 || std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
    const auto one = Clock::now();
    body();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - one).count());
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// The kernels as the model calls them, through the operations of the cpu.
class Bench {
 public:
  explicit Bench(const Settings& settings) : seconds_(settings.seconds) {}

  std::vector<Result> run() {
    for (const Format format : kFormats) products(format);
    for (const Format format : {Format::f32, Format::bf16}) attention(format);
    for (const std::int64_t rows : {std::int64_t{16}, std::int64_t{128}, std::int64_t{1024}}) row_work(rows);
    return std::move(results_);
  }

 private:
  CpuOps::Tensor tensor(std::int64_t rows, std::int64_t columns) {
    CpuOps::Tensor x(pool_, rows, columns);
    const auto values = numbers(static_cast<std::size_t>(rows * columns));
    std::copy(values.begin(), values.end(), x.row(0));
    return x;
  }

  static model::Linear<CpuOps> linear(const CpuOps& ops, std::int64_t out, std::int64_t in) {
    const auto weight = numbers(static_cast<std::size_t>(out * in));
    const auto* bytes = reinterpret_cast<const std::byte*>(weight.data());
    const ops::Stored stored{{DType::f32, {out, in}, bytes}, "random", 0, out * in, out * in};
    return {ops.make_matrix(stored, out, in), ops.make_vector(numbers(static_cast<std::size_t>(out)))};
  }

  static double bytes_of(Format format, std::int64_t count) {
    return 4.0 * static_cast<double>(count) / static_cast<double>(kernels::per_word(format));
  }

  /// Products of one layer with weights in cache, then those of all layers in order, weights from memory.
  void products(Format format) {
    CpuOps ops(format);
    std::vector<model::Linear<CpuOps>> square;
    std::vector<model::Linear<CpuOps>> up;
    std::vector<model::Linear<CpuOps>> down;
    for (std::int64_t layer = 0; layer < kLayers; ++layer) {
      for (int i = 0; i < 4; ++i) square.push_back(linear(ops, kHidden, kHidden));
      up.push_back(linear(ops, kInner, kHidden));
      down.push_back(linear(ops, kHidden, kInner));
    }
    for (const std::int64_t rows : kRows) {
      const auto x = tensor(rows, kHidden);
      const auto wide = tensor(rows, kInner);
      add("768 -> 768", format, rows, kHidden * kHidden, [&] { ops.linear(x, square[0]); });
      add("768 -> 3072, gelu", format, rows, kHidden * kInner,
          [&] { ops.linear(x, up[0], model::Activation::gelu); });
      add("3072 -> 768", format, rows, kHidden * kInner, [&] { ops.linear(wide, down[0]); });
      const std::int64_t weights = kLayers * (4 * kHidden * kHidden + 2 * kHidden * kInner);
      add("all products", format, rows, weights, [&] {
        for (const auto& w : square) ops.linear(x, w);
        for (const auto& w : up) ops.linear(x, w);
        for (const auto& w : down) ops.linear(wide, w);
      });
      results_.back().bytes = bytes_of(format, weights);
    }
  }

  template <class Body>
  void add(const std::string& what, Format format, std::int64_t rows, std::int64_t weights,
           const Body& body) {
    const double operations = 2.0 * static_cast<double>(rows) * static_cast<double>(weights);
    results_.push_back({what, name_of(format), rows, median(seconds_, body), operations, 0});
  }

  /// Attention of one layer over one sequence.
  void attention(Format format) {
    CpuOps ops(format);
    const model::RelativeAttention shape{.content_to_position = true,
                                         .position_to_content = true,
                                         .share_keys = true,
                                         .normalise_table = true,
                                         .buckets = kBuckets};
    model::PositionProjections<CpuOps> positions;
    positions.key =
        ops.positions(tensor(2 * kBuckets, kHidden), kHeads, model::PositionTerm::content_to_position);
    positions.query =
        ops.positions(tensor(2 * kBuckets, kHidden), kHeads, model::PositionTerm::position_to_content);
    for (const std::int64_t length : {16, 32, 64, 128, 256, 512, 1024, 2048}) {
      const auto x = tensor(length, kHidden);
      const model::RelativeRows relative(shape, length);
      model::Rows rows;
      rows.append(static_cast<std::int32_t>(length));
      const double reach = relative(length - 1) - relative(1 - length) + 1;
      const double size = static_cast<double>(length);
      const double operations = 4.0 * kHidden * size * (size + reach);
      const double time = median(seconds_, [&] {
        ops.attention({x, x, x, positions, relative, rows, rows, kHeads, 1 / std::sqrt(192.0)});
      });
      results_.push_back({"attention", name_of(format), length, time, operations, 0});
    }
  }

  /// Layer norm and the conversions of rows: a read and a write, in cache where they fit.
  void row_work(std::int64_t rows) {
    CpuOps ops;
    auto x = tensor(rows, kHidden);
    const model::LayerNorm<CpuOps> norm{ops.make_vector(numbers(kHidden)), ops.make_vector(numbers(kHidden))};
    const double time = median(seconds_, [&] { x = ops.norm(std::move(x), norm); });
    results_.push_back({"layer norm", "f32", rows, time, 0, 8.0 * kHidden * static_cast<double>(rows)});
    for (const Format format : {Format::bf16, Format::int8}) {
      const double convert = median(seconds_, [&] {
        x.drop_conversion();
        x.factor(format);
      });
      const double bytes = bytes_of(Format::f32, rows * kHidden) + bytes_of(format, rows * kHidden);
      results_.push_back({"convert", name_of(format), rows, convert, 0, bytes});
    }
  }

  double seconds_;
  std::shared_ptr<ops::BufferPool> pool_ = std::make_shared<ops::BufferPool>();
  std::vector<Result> results_;
};

Machine measure_machine(double seconds) {
  Machine machine{};
  for (const Format format : kFormats)
    machine.peaks[static_cast<std::size_t>(format)] = kernels::peak_operations(format, 5 * seconds);
  machine.bandwidth = kernels::read_bandwidth(10 * seconds);
  return machine;
}

std::string as_table(const Machine& machine, const std::vector<Result>& results) {
  std::string out = fmt::format(
      "{}, {} threads; peaks f32 {:.0f}, bf16 {:.0f}, int8 {:.0f} G operations/s; {:.1f} GB/s read\n",
      kernels::target_name(), threads(), machine.peaks[0] * 1e-9, machine.peaks[1] * 1e-9,
      machine.peaks[2] * 1e-9, machine.bandwidth * 1e-9);
  out += fmt::format("{:<20}{:>6}{:>7}{:>12}{:>10}{:>10}\n", "", "", "rows", "ms", "G/s", "of limit");
  for (const Result& r : results) {
    const double rate = (r.operations > 0 ? r.operations : r.bytes) / r.milliseconds * 1e-6;
    const double share = 100 * machine.limit(r) / r.milliseconds;
    out += fmt::format("{:<20}{:>6}{:>7}{:>12.4f}{:>10.1f}{:>10}\n", r.what, r.format, r.rows, r.milliseconds,
                       rate, share > 0 ? fmt::format("{:.0f}%", share) : "-");
  }
  return out;
}

std::string as_json(const Machine& machine, const std::vector<Result>& results) {
  std::string out = fmt::format(
      "{{\"target\": \"{}\", \"threads\": {}, \"peaks\": {{\"f32\": {:.4g}, \"bf16\": {:.4g}, \"int8\": "
      "{:.4g}}}, "
      "\"read_bytes_per_second\": {:.4g},\n \"results\": [",
      kernels::target_name(), threads(), machine.peaks[0], machine.peaks[1], machine.peaks[2],
      machine.bandwidth);
  for (const Result& r : results) {
    out += fmt::format(
        "{}\n  {{\"what\": \"{}\", \"format\": \"{}\", \"rows\": {}, \"ms\": {:.5g}, \"operations\": {}, "
        "\"bytes\": "
        "{}, \"share_of_limit\": {:.3f}}}",
        out.back() == '[' ? "" : ",", r.what, r.format, r.rows, r.milliseconds, r.operations, r.bytes,
        machine.limit(r) / r.milliseconds);
  }
  return out + "\n ]}\n";
}

Settings parse(const std::vector<std::string>& arguments) {
  Settings settings;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool more = i + 1 < arguments.size();
    if (arguments[i] == "--json") {
      settings.json = true;
    } else if (arguments[i] == "--threads" && more) {
      settings.threads = std::stoi(arguments[++i]);
    } else if (arguments[i] == "--seconds" && more) {
      settings.seconds = std::stod(arguments[++i]);
    } else {
      throw UserError("usage: kernels [--threads N] [--seconds S] [--json]");
    }
  }
  return settings;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const Settings settings = parse({arguments + 1, arguments + count});
    set_threads(settings.threads);
    const Machine machine = measure_machine(settings.seconds);
    const auto results = Bench(settings).run();
    std::cout << (settings.json ? as_json(machine, results) : as_table(machine, results));
  } catch (const std::exception& error) {
    std::cerr << "kernels: " << error.what() << '\n';
    return 2;
  }
  return 0;
}
