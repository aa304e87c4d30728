#include "infer/head_choice.h"

#include <algorithm>
#include <array>

#include "core/error.h"

namespace berta::infer {
namespace {

/// What an `architectures` entry runs; `automatic` for names without a head.
Head head_of(std::string_view architecture) {
  constexpr std::array<std::pair<std::string_view, Head>, 7> kEndings = {{
      {"ForSequenceClassification", Head::classification},
      {"ForTokenClassification", Head::token},
      {"ForQuestionAnswering", Head::qa},
      {"ForMultipleChoice", Head::choice},
      {"ForMaskedLM", Head::mlm},
      {"ForPreTraining", Head::mlm},
      {"Model", Head::none},
  }};
  for (const auto& [ending, head] : kEndings) {
    if (architecture.ends_with(ending)) return head;
  }
  return Head::automatic;
}

}  // namespace

std::vector<Head> heads_of(const model::HeadShape& shape) {
  std::vector<Head> heads;
  if (shape.classifier && shape.pooler) heads.push_back(Head::classification);
  if (shape.classifier && !shape.pooler) heads.push_back(Head::token);
  if (shape.answer) heads.push_back(Head::qa);
  if (shape.replaced_token) heads.push_back(Head::rtd);
  if (shape.language_model) heads.push_back(Head::mlm);
  return heads;
}

HeadNeed need_of(Head head, const model::HeadShape& shape) {
  switch (head) {
    case Head::classification:
    case Head::choice:
      return {shape.classifier && shape.pooler, "pooler.dense.* and classifier.*"};
    case Head::token:
      return {shape.classifier, "classifier.*"};
    case Head::qa:
      return {shape.answer, "qa_outputs.*"};
    case Head::mlm:
      return {shape.language_model, "lm_predictions.lm_head.* or cls.predictions.*"};
    case Head::rtd:
      return {shape.replaced_token, "mask_predictions.*"};
    default:
      return {true, ""};
  }
}

Head choose_head(const ModelInfo& info, const model::HeadShape& shape) {
  for (const std::string& architecture : info.architectures) {
    const Head named = head_of(architecture);
    if (named != Head::automatic && named != Head::none && need_of(named, shape).there) return named;
  }
  const auto heads = heads_of(shape);
  return heads.empty() ? Head::none : heads.front();
}

bool can_decode_masks(const ModelInfo& info, bool has_positions) {
  return has_positions && info.config.layers >= 2 && info.config.embeddings.size == info.config.hidden_size;
}

bool decodes_masks(const ModelInfo& info, const model::HeadShape& shape, bool has_positions) {
  return can_decode_masks(info, has_positions) && shape.microsoft_language_model &&
         !info.config.embeddings.add_positions;
}

std::string_view name_of(Head head) {
  constexpr std::array<std::string_view, 8> kNames = {
      "auto", "none", "classification", "token", "qa", "choice", "mlm", "rtd"};
  return kNames[static_cast<std::size_t>(head)];
}

Model::Model(ModelInfo info, LoadReport report, model::HeadShape heads, bool has_positions, std::string files)
    : info_(std::move(info)),
      report_(std::move(report)),
      heads_(heads),
      has_positions_(has_positions),
      files_(std::move(files)) {
  report_.heads = heads_of(heads_);
}

Head Model::resolve(Head head) const {
  if (head == Head::automatic) return choose_head(info_, heads_);
  if (const HeadNeed need = need_of(head, heads_); !need.there) {
    throw UserError(files_ + ": expected the tensors " + need.tensors + " of a head for '" +
                    std::string(name_of(head)) + "', found none");
  }
  return head;
}

bool Model::uses_enhanced_decoder(MaskDecoder decoder) const {
  if (decoder == MaskDecoder::enhanced && !can_decode_masks(info_, has_positions_)) {
    throw UserError(
        files_ +
        ": expected position embeddings as wide as the hidden states and at least two layers for the "
        "enhanced mask decoder, found a checkpoint without");
  }
  if (decoder != MaskDecoder::automatic) return decoder == MaskDecoder::enhanced;
  return decodes_masks(info_, heads_, has_positions_);
}

}  // namespace berta::infer
