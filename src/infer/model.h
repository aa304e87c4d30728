#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infer/config_reader.h"

namespace berta::infer {

/// What makes the logits.
enum class Head : std::uint8_t {
  automatic,  ///< what config.json's architectures names, else the one head that is there, else RTD before
              ///< MLM
  none,
  classification,
  token,
  qa,
  choice,
  mlm,
  rtd,
};

/// How masked positions are decoded.
enum class MaskDecoder : std::uint8_t {
  automatic,  ///< enhanced where Microsoft's head and position embeddings are there and input positions are
              ///< not added
  enhanced,
  plain,
};

/// Number format of weights and of the inputs of products. Sums, scores, softmax, norms and residuals are f32
/// in all.
enum class Precision : std::uint8_t {
  automatic,  ///< what a prepared folder was prepared for; f32 otherwise
  f32,
  bf16,
  int8,  ///< weights one scale an output, activations one scale a row, found as they come; heads f32,
         ///< attention bf16 or f32
};

/// Which implementation of the mathematics runs.
enum class Backend : std::uint8_t {
  cpu,        ///< f32, fast
  reference,  ///< double, plain loops: for checks
};

struct LoadOptions {
  Backend backend = Backend::cpu;
  Precision precision = Precision::automatic;  ///< of the cpu backend
  model::Saturation saturation = model::Saturation::hf;
};

/// One sequence of ids as the model sees it: specials included, nothing added.
struct Sequence {
  std::vector<std::int32_t> ids{};
  std::vector<std::int32_t> types{};           ///< empty: all 0
  std::vector<std::int32_t> mask_positions{};  ///< rows of which MLM logits are wanted
  bool all_positions = true;                   ///< MLM logits of every row; mask_positions is not read
};

struct Request {
  Head head = Head::automatic;
  MaskDecoder decoder = MaskDecoder::automatic;
  bool last_hidden_state = false;
  bool hidden_states = false;
};

struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> data;  ///< row-major
  std::span<const float> row(std::int64_t i) const {
    return std::span(data).subspan(static_cast<std::size_t>(i * columns), static_cast<std::size_t>(columns));
  }
};

/// Results of one sequence; what was not asked for is empty.
struct Output {
  Matrix last_hidden_state;  ///< [length, D], the encoder's, also where the mask decoder makes the logits
  std::vector<Matrix> hidden_states;  ///< [layers + 1] of [length, D]; 0 is the embedding output
  /// classification, choice [1, labels]; token [length, labels]; qa [length, 2] (start, end); mlm [positions,
  /// V]; rtd [length, 1]. Before any softmax or sigmoid.
  Matrix logits;
};

/// Tensors of the checkpoint that no parameter was read from.
struct UnusedTensor {
  std::string name;
  bool known = false;  ///< a name of the family that this config or these heads do not use
};

/// What loading found, for `inspect`.
struct LoadReport {
  std::vector<UnusedTensor> unused;
  std::vector<std::string> warnings;  ///< e.g. only a `_weight` difference table was there
  std::vector<Head> heads;            ///< heads whose tensors are there
  std::int64_t parameters = 0;        ///< elements of all parameters in use
  std::size_t weight_bytes = 0;       ///< of the tensors in the files
  Precision precision = Precision::f32;
};

/// Holds the buffers of one thread's runs. Not for two threads at once.
class Session {
 public:
  virtual ~Session() = default;
  /// Outputs in order. Throws UserError: an id or a token type outside its table, an empty sequence, a
  /// sequence longer than a position table that is added, a mask position outside the sequence, a head that
  /// the checkpoint has not.
  virtual std::vector<Output> run(std::span<const Sequence> batch, const Request& request) = 0;
};

/// A loaded model. Const and shared by threads; sessions keep it alive.
class Model : public std::enable_shared_from_this<Model> {
 public:
  virtual ~Model() = default;

  /// `path`: a model folder (or one weight file with a config beside it). Throws UserError naming file and
  /// tensor or key.
  static std::shared_ptr<const Model> load(const std::string& path, const LoadOptions& options = {});

  const ModelInfo& info() const { return info_; }
  const LoadReport& report() const { return report_; }
  /// What the model computes in; never `automatic`. f32 of the reference backend, which computes in double.
  Precision precision() const { return report_.precision; }

  /// The head that a request runs: never `automatic`; `none` where there is no head. Throws UserError naming
  /// the checkpoint and the tensors that are missing.
  Head resolve(Head head) const;
  /// True where the mask decoder would run.
  bool uses_enhanced_decoder(MaskDecoder decoder) const;

  virtual std::unique_ptr<Session> make_session() const = 0;

  /// Throws UserError ("sequence 0: ...") where a session's run of this sequence would, without running it.
  virtual void check(const Sequence& sequence, const Request& request) const = 0;

 protected:
  Model(ModelInfo info, LoadReport report, model::HeadShape heads, bool has_positions, std::string files);
  const model::HeadShape& heads() const { return heads_; }

 private:
  ModelInfo info_;
  LoadReport report_;
  model::HeadShape heads_;
  bool has_positions_;
  std::string files_;  ///< for messages
};

/// "classification", "token", ...
std::string_view name_of(Head head);
/// "f32", "bf16", "int8"; "auto".
std::string_view name_of(Precision precision);

}  // namespace berta::infer
