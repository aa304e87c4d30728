#include "infer/prepare.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <list>

#include "core/error.h"
#include "core/half.h"
#include "core/parallel.h"
#include "infer/calibration.h"
#include "infer/checkpoint_facts.h"
#include "infer/engine_weights.h"
#include "infer/precision.h"
#include "io/atomic_file.h"
#include "io/copy_folder.h"
#include "io/folder.h"
#include "io/safetensors.h"
#include "ops/cpu.h"

namespace berta::infer {
namespace {

using Ops = ops::CpuOps;

/// The tensors of the file to be written: views of what is loaded or mapped, and buffers for what is made.
class Collection {
 public:
  Collection(TensorFinder& finder, TableType tables) : finder_(finder), tables_(tables) {}

  /// For ParameterVisitor over the encoder.
  template <class P>
  void add_encoder(const P& parameter, const model::Parameter& wanted) {
    const FoundTensor found = finder_.find(wanted);
    // A part of a tensor gets the name that it has in the other dialects.
    const std::string& name =
        found.part == model::Part::whole ? found.tensor->name : wanted.sources.front().name;
    if constexpr (std::is_same_v<P, Ops::Table>) {
      add_table(name, found);
    } else if constexpr (std::is_same_v<P, Ops::Matrix>) {
      add_panels(name, {&parameter, 1});
    } else if constexpr (std::is_same_v<P, Ops::Kernel>) {
      add_panels(name, parameter);
    } else {
      add(name, DType::f32, wanted.shape, parameter.data());
    }
  }

  /// For ParameterVisitor over the heads: as they are.
  void add_head(const model::Parameter& wanted) {
    const io::CheckpointTensor& tensor = *finder_.find(wanted).tensor;
    tensors_.push_back({tensor.name, tensor.view});
  }

  void add_projected(const model::Parameter& what, std::vector<float> data) {
    add(what.sources.front().name, DType::f32, what.shape, keep(std::move(data)));
  }

  const std::vector<io::NamedTensor>& tensors() const { return tensors_; }

  /// What tensors() points into, to be loaded.
  model::ModelWeights<Ops>& weights() { return weights_; }

 private:
  void add(const std::string& name, DType dtype, const Shape& shape, const void* data) {
    tensors_.push_back({name, {dtype, shape, static_cast<const std::byte*>(data)}});
  }

  /// Keeps what a view points into.
  template <class T>
  const T* keep(std::vector<T> data) {
    auto kept = std::make_shared<const std::vector<T>>(std::move(data));
    kept_.push_back(kept);
    return kept->data();
  }

  void add_table(const std::string& name, const FoundTensor& found) {
    const TensorView& view = found.tensor->view;
    if (tables_ == TableType::keep || size_of(view.dtype) <= size_of(DType::f16)) {
      return add(name, view.dtype, view.shape, view.data);
    }
    add(name, DType::f16, view.shape, keep(halve(*found.tensor)));
    finder_.release(found);
  }

  static std::vector<std::uint16_t> halve(const io::CheckpointTensor& tensor) {
    const auto size = static_cast<std::size_t>(tensor.view.size());
    std::vector<std::uint16_t> halves(size);
    constexpr std::size_t kGrain = std::size_t{1} << 20;  // 4 MB of floats
    parallel_for(size, kGrain, [&](std::size_t begin, std::size_t end) {
      std::vector<float> numbers(end - begin);
      convert(tensor.view, static_cast<std::int64_t>(begin), std::span(numbers));
      for (std::size_t i = begin; i < end; ++i) {
        halves[i] = float_to_half(numbers[i - begin]);
        if (std::isfinite(half_to_float(halves[i]))) continue;
        throw UserError(describe(tensor) + ": expected numbers that f16 holds, found " +
                        std::to_string(numbers[i - begin]));
      }
    });
    return halves;
  }

  void add_panels(const std::string& name, std::span<const ops::PackedMatrix> matrices) {
    const ops::PackedMatrix& first = matrices.front();
    const ops::MatrixShape shape{first.out(), first.in(), first.format()};
    add(name, prepared::dtype_of(shape.format), prepared::panels_shape(shape, matrices.size()),
        join(matrices, [](const ops::Panels& panels) { return panels.words; }));
    if (shape.format != kernels::Format::int8) return;
    const Shape outputs{static_cast<std::int64_t>(matrices.size() * first.panels().scales.size())};
    add(name + std::string(prepared::kScales), DType::f32, outputs,
        join(matrices, [](const ops::Panels& panels) { return panels.scales; }));
    add(name + std::string(prepared::kSums), DType::i32, outputs,
        join(matrices, [](const ops::Panels& panels) { return panels.sums; }));
  }

  /// The parts of one matrix where they lie, those of several in a copy.
  template <class Part>
  const void* join(std::span<const ops::PackedMatrix> matrices, const Part& part) {
    const auto first = part(matrices.front().panels());
    if (matrices.size() == 1) return first.data();
    std::vector<typename decltype(first)::value_type> all;
    for (const ops::PackedMatrix& matrix : matrices) {
      const auto one = part(matrix.panels());
      all.insert(all.end(), one.begin(), one.end());
    }
    return keep(std::move(all));
  }

  TensorFinder& finder_;
  TableType tables_;
  std::vector<io::NamedTensor> tensors_;
  std::vector<std::shared_ptr<const void>> kept_;
  model::ModelWeights<Ops> weights_;
};

/// What the folder has beside its weights; other engines' weights stay behind.
bool is_beside_weights(std::string_view name) {
  constexpr std::string_view kWeights[] = {".safetensors", ".bin",     ".index.json", ".onnx",  ".onnx_data",
                                           ".h5",          ".msgpack", ".ot",         ".pt",    ".pth",
                                           ".ckpt",        ".xml",     ".gguf",       ".tflite"};
  if (name == "bpe_encoder.bin") return true;  // Microsoft's tokenizer
  return !name.starts_with('.') && std::none_of(std::begin(kWeights), std::end(kWeights),
                                                [&](std::string_view end) { return name.ends_with(end); });
}

void check_output(const std::string& folder, const std::string& output) {
  std::error_code error;
  if (std::filesystem::equivalent(folder, output, error)) {
    throw UserError(output + ": expected another folder than the model's");
  }
  for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                           "pytorch_model.bin.index.json"}) {
    if (io::is_file(io::join(output, name))) {
      throw UserError(output + ": expected a folder without weights, found " + name);
    }
  }
}

void copy_beside(const std::string& folder, const std::string& output, const ModelInfo& info,
                 const io::Checkpoint& checkpoint) {
  io::copy_folder(folder, output, is_beside_weights);
  const bool has_config =
      io::is_file(io::join(output, "config.json")) || io::is_file(io::join(output, "model_config.json"));
  if (has_config || !checkpoint.embedded_config()) return;
  std::string text;
  io::append_json(text, info.json);  // the config that an old .bin carries inside
  io::write_file(io::join(output, "config.json"), text + "\n");
}

struct Source {
  const io::Checkpoint& checkpoint;
  const ModelInfo& info;
  TensorFinder& finder;
};

/// Loads what `ops` packs, and collects it and the rest.
void collect(const Source& source, const Ops& ops, const std::vector<KeptMatrix>& kept,
             Collection& collection) {
  const auto& [checkpoint, info, finder] = source;
  model::ModelWeights<Ops>& weights = collection.weights();
  const Ops wider(kernels::Format::bf16);
  const auto encoder = [&](auto& parameter, const model::Parameter& wanted) {
    const bool keep = std::any_of(kept.begin(), kept.end(), [&](const KeptMatrix& matrix) {
      return matrix.name == wanted.sources.front().name;
    });
    WeightLoader<Ops>(finder, info.config, keep ? wider : ops)(parameter, wanted);
    collection.add_encoder(parameter, wanted);
  };
  model::ParameterVisitor<Ops, decltype(encoder)>(info.config, info.prefix, encoder)
      .encoder(weights.encoder, has_position_table(checkpoint, info));
  const auto head = [&](auto&, const model::Parameter& wanted) { collection.add_head(wanted); };
  model::ParameterVisitor<Ops, decltype(head)>(info.config, info.prefix, head)
      .heads(weights.heads, find_heads(checkpoint, info));
  if (!info.config.relative.enabled()) return;
  project_tables(
      checkpoint, info, weights, ops, [&](std::size_t layer, const model::ProjectedTables<Ops>& projected) {
        const auto add = [&](const auto& table, std::string_view which) {
          if (!table) return;
          collection.add_projected(prepared::projected_table(info, which, layer), ops.to_float(*table));
        };
        add(projected.key, prepared::kKeys);
        add(projected.query, prepared::kQueries);
      });
}

/// Notes which matrices int8 would cost too much.
void calibrate(const io::Checkpoint& checkpoint, const ModelInfo& info, const PrepareOptions& options,
               PrepareReport& report) {
  for (const auto& [name, relative] : measure_rounding(checkpoint, info, options.calibration)) {
    if (relative > options.largest_error) {
      report.kept.push_back({name, relative});
    } else {
      report.worst_error = std::max(report.worst_error, relative);
    }
  }
  std::sort(report.kept.begin(), report.kept.end(),
            [](const KeptMatrix& a, const KeptMatrix& b) { return a.error > b.error; });
}

io::Checkpoint open_trained(const std::string& path) {
  io::Checkpoint checkpoint = io::Checkpoint::open(path);
  const auto already = prepared::precision_of(checkpoint);
  if (!already) return checkpoint;
  throw UserError(checkpoint.files().front() +
                  ": expected a checkpoint as it was trained, found one prepared for " +
                  std::string(name_of(*already)));
}

}  // namespace

PrepareReport prepare(const std::string& path, const std::string& output, const PrepareOptions& options) {
  const io::Checkpoint checkpoint = open_trained(path);
  const ModelInfo info = read_config(path, checkpoint);
  const std::string folder = io::is_folder(path) ? path : io::parent_of(path);
  check_output(folder, output);
  const Precision precision = options.precision == Precision::automatic ? Precision::int8 : options.precision;
  const Ops ops(format_of(precision));
  PrepareReport report{.file = io::join(output, "prepared.safetensors")};
  if (!options.calibration.empty() && precision == Precision::int8) {
    calibrate(checkpoint, info, options, report);
  }
  TensorFinder finder(checkpoint);
  Collection collection(finder, options.tables);
  collect({checkpoint, info, finder}, ops, report.kept, collection);
  copy_beside(folder, output, info, checkpoint);
  io::write_safetensors(report.file, collection.tensors(),
                        {{std::string(prepared::kVersionKey), std::string(prepared::kVersion)},
                         {std::string(prepared::kPrecisionKey), std::string(name_of(precision))}},
                        io::Alignment::cache_line);
  report.bytes_read = make_report(checkpoint, info, finder).weight_bytes;
  for (const io::NamedTensor& tensor : collection.tensors()) {
    report.bytes_written += io::byte_size(tensor.view.dtype, tensor.view.shape).value_or(0);
  }
  return report;
}

}  // namespace berta::infer
