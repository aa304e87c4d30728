#pragma once

#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "infer/model.h"
#include "io/safetensors.h"

namespace berta::cli {

/// One input of `encode`: a sequence, or the choices of one question.
struct EncodeItem {
  std::string id;
  std::string where;
  std::vector<infer::Sequence> sequences;
  bool is_choice = false;
};

struct EncodeWants {
  infer::Head head = infer::Head::automatic;
  infer::MaskDecoder decoder = infer::MaskDecoder::automatic;
  bool hidden_states = false;
  bool logits = false;
  std::size_t batch_tokens = 2048;
};

/// The tensors of many inputs, whose names and shapes are known before anything runs, computed in the order
/// in which a file wants them; only those of the batch at hand are in memory.
class EncodeRun {
 public:
  /// Items in the order of their ids' tensors in a file. Throws UserError for a head that is not there.
  EncodeRun(const infer::Model& model, std::vector<EncodeItem> items, const EncodeWants& wants);

  /// Throws UserError "WHERE: ..." for a sequence that the model cannot run.
  void check(const EncodeItem& item) const;

  /// All tensors, by name, as safetensors files hold them.
  const std::vector<io::TensorSpec>& specs() const { return specs_; }

  /// The payload of a tensor; each may be asked for once.
  std::vector<float> take(const std::string& name);

 private:
  enum class Kind : std::uint8_t { last_hidden_state, hidden_state, logits, start_logits, end_logits };
  struct Place {
    std::size_t item;
    Kind kind;
    std::size_t layer;
  };
  struct Computed {
    std::vector<infer::Output> outputs;
    std::size_t left = 0;  ///< tensors not taken yet
  };

  void probe(const EncodeItem& item);
  void plan();
  void plan_logits(std::size_t item);
  void add(std::size_t item, const std::string& suffix, Shape shape, Place place);
  void compute_from(std::size_t first);
  infer::Request request_of(const EncodeItem& item) const;

  const infer::Model& model_;
  std::unique_ptr<infer::Session> session_;
  std::vector<EncodeItem> items_;
  EncodeWants wants_;
  infer::Head head_ = infer::Head::none;  ///< of items that are no choices
  std::int64_t logits_width_ = 0;
  std::int64_t hidden_width_ = 0;
  std::size_t hidden_count_ = 0;
  std::vector<io::TensorSpec> specs_;
  std::unordered_map<std::string, Place> places_;
  std::vector<std::size_t> planned_;  ///< tensors of each item
  std::unordered_map<std::size_t, Computed> computed_;
};

}  // namespace berta::cli
