#include "infer/calibration.h"

#include <cmath>

#include "infer/checkpoint_facts.h"
#include "infer/engine.h"
#include "ops/cpu.h"

namespace berta::infer {
namespace {

using Ops = ops::CpuOps;

/// A matrix in int8, and what it was seen to cost.
struct Twin {
  std::string name;
  Ops::Matrix rounded;
  double difference = 0;     // sum of squares of (int8 product - f32 product)
  std::vector<double> sums;  // of the f32 product, by output
  std::vector<double> squares;
  double rows = 0;

  double error() const {
    double spread = 0;
    for (std::size_t o = 0; o < sums.size(); ++o) spread += squares[o] - sums[o] * sums[o] / rows;
    return spread > 0 ? std::sqrt(difference / spread) : 0;
  }
};

/// By the f32 matrix.
using Twins = std::map<const Ops::Matrix*, Twin>;

void observe(Twin& twin, const Ops::Tensor& x, const Ops::Matrix& exact) {
  const auto rows = static_cast<std::size_t>(x.rows());
  const std::size_t outputs = exact.out();
  std::vector<float> wanted(rows * outputs);
  std::vector<float> found(wanted.size());
  exact.multiply(x.factor(kernels::Format::f32), nullptr, kernels::Finish::bias, wanted.data(), outputs);
  twin.rounded.multiply(x.factor(kernels::Format::int8), nullptr, kernels::Finish::bias, found.data(),
                        outputs);
  twin.sums.resize(outputs);
  twin.squares.resize(outputs);
  twin.rows += static_cast<double>(rows);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double value = static_cast<double>(wanted[i]);
    const double difference = static_cast<double>(found[i]) - value;
    twin.difference += difference * difference;
    twin.sums[i % outputs] += value;
    twin.squares[i % outputs] += value * value;
  }
}

}  // namespace

std::map<std::string, double> measure_rounding(const io::Checkpoint& checkpoint, const ModelInfo& info,
                                               std::span<const Sequence> sequences) {
  TensorFinder finder(checkpoint);
  Ops ops;
  const Ops narrow(kernels::Format::int8);
  Twins twins;
  EngineWeights<Ops> loaded;
  const auto load = [&](auto& parameter, const model::Parameter& wanted) {
    WeightLoader<Ops>(finder, info.config, ops)(parameter, wanted);
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(parameter)>, Ops::Matrix>) {
      Twin& twin = twins[&parameter];
      twin.name = wanted.sources.front().name;
      WeightLoader<Ops>(finder, info.config, narrow)(twin.rounded, wanted);
    }
  };
  const bool has_positions = has_position_table(checkpoint, info);
  model::ParameterVisitor<Ops, decltype(load)>(info.config, info.prefix, load)
      .encoder(loaded.weights.encoder, has_positions);
  prepare_positions(checkpoint, info, ops, finder, loaded);
  ops.observe([&](const Ops::Tensor& x, const Ops::Matrix& weight) {
    if (const auto twin = twins.find(&weight); twin != twins.end()) observe(twin->second, x, weight);
  });
  const std::int64_t most =
      info.config.embeddings.add_positions ? loaded.weights.encoder.embeddings.position->rows() : 0;
  Engine<Ops> engine(ops, loaded, info.config);
  for (const Sequence& sequence : sequences) {
    engine.run(pack({&sequence, 1}, info.config, most), {}, Head::none, false);
  }
  std::map<std::string, double> errors;
  for (const auto& entry : twins) errors[entry.second.name] = entry.second.error();
  return errors;
}

}  // namespace berta::infer
