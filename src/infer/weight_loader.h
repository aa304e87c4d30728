#pragma once

#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/error.h"
#include "infer/prepared_format.h"
#include "io/checkpoint.h"
#include "model/parameters.h"
#include "ops/packed_matrix.h"
#include "ops/stored.h"

namespace berta::infer {

/// A tensor found for a parameter, and which part of it the parameter is.
struct FoundTensor {
  const io::CheckpointTensor* tensor;
  model::Part part;
  bool packed = false;  ///< panels of a prepared checkpoint
};

/// Finds parameters in a checkpoint by their names in every dialect, checks shape and type, and remembers
/// what was read.
class TensorFinder {
 public:
  explicit TensorFinder(const io::Checkpoint& checkpoint)
      : checkpoint_(checkpoint), prepared_(prepared::precision_of(checkpoint).has_value()) {}

  /// Throws UserError naming file and tensor: missing, of another shape, or not a floating type.
  FoundTensor find(const model::Parameter& parameter);
  /// The same of what is made from parameters, so not counted as one.
  FoundTensor find_derived(const model::Parameter& parameter);
  /// True where there is a tensor of one of the names, of whatever shape.
  bool has(const model::Parameter& parameter) const;

  /// For a tensor that find() gave for a parameter: the panels that it is in a prepared checkpoint, one
  /// matrix after another (more than one in a convolution of groups). Throws UserError: scales missing or of
  /// a wrong size, numbers that are not finite, panels that do not begin at a cache line.
  std::vector<ops::PackedMatrix> map_panels(const FoundTensor& found, const model::Parameter& parameter);

  /// To be called for a tensor that was copied: its pages need not stay resident.
  void release(const FoundTensor& found) const { checkpoint_.release(found.tensor->view); }

  /// Names that some parameter was read from.
  const std::set<std::string>& used() const { return used_; }
  std::int64_t parameters() const { return parameters_; }

 private:
  /// Type and shape of panels. Throws UserError.
  void check_panels(const io::CheckpointTensor& tensor, const model::Parameter& parameter) const;
  void check_shape(const io::CheckpointTensor& tensor, const model::Parameter& parameter,
                   model::Part part) const;

  const io::Checkpoint& checkpoint_;
  bool prepared_;
  std::set<std::string> used_;
  std::int64_t parameters_ = 0;  ///< elements of all parameters found
};

/// "FILE: tensor 'NAME'".
std::string describe(const io::CheckpointTensor& tensor);

/// Where a parameter lies; of V1's in_proj the rows of one of query, key, value, which are interleaved per
/// head.
ops::Stored stored_part(const FoundTensor& found, const model::Config& config);

/// For ParameterVisitor: turns each parameter into the form of an `Ops` O.
template <class O>
class WeightLoader {
 public:
  WeightLoader(TensorFinder& finder, const model::Config& config, const O& ops)
      : finder_(finder), config_(config), ops_(ops) {}

  template <class P>
  void operator()(P& parameter, const model::Parameter& wanted) const {
    const FoundTensor found = finder_.find(wanted);
    if (found.packed) return map(parameter, found, wanted);
    if constexpr (std::is_same_v<P, typename O::Table>) {
      parameter = {found.tensor->view, describe(*found.tensor)};
    } else if constexpr (std::is_same_v<P, typename O::Matrix>) {
      parameter = ops_.make_matrix(stored_part(found, config_), wanted.shape[0], wanted.shape[1]);
      finder_.release(found);
    } else if constexpr (std::is_same_v<P, typename O::Kernel> && !std::is_same_v<P, typename O::Vector>) {
      parameter = ops_.make_kernel(read(found, wanted), wanted.shape[0], wanted.shape[1], wanted.shape[2]);
    } else {
      parameter = ops_.make_vector(read(found, wanted));
    }
  }

 private:
  using Scalar = typename O::Scalar;

  /// Panels are for the `Ops` that computes with them.
  template <class P>
  void map(P& parameter, const FoundTensor& found, const model::Parameter& wanted) const {
    if constexpr (std::is_same_v<P, ops::PackedMatrix>) {
      parameter = std::move(finder_.map_panels(found, wanted).front());
    } else if constexpr (std::is_same_v<P, std::vector<ops::PackedMatrix>>) {
      parameter = finder_.map_panels(found, wanted);
    } else {
      throw UserError(describe(*found.tensor) + ": expected shape " + to_string(wanted.shape) + ", found " +
                      to_string(found.tensor->view.shape));
    }
  }

  std::vector<Scalar> read(const FoundTensor& found, const model::Parameter& wanted) const {
    if (found.part == model::Part::zero)
      return std::vector<Scalar>(static_cast<std::size_t>(wanted.shape[0]));
    std::vector<Scalar> data(static_cast<std::size_t>(found.tensor->view.size()));
    ops::read(stored_part(found, config_), 0, std::span(data));
    return data;
  }

  TensorFinder& finder_;
  const model::Config& config_;
  const O& ops_;
};

}  // namespace berta::infer
