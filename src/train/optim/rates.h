#pragma once

#include "infer/config_reader.h"
#include "train/ops/torch_ops.h"
#include "train/settings.h"

namespace berta::train {

/// The dropout rates of a config, with the defaults of its dialect (deberta.md 1.4, 1.13): 0.1 of hidden
/// states and of attention, 0 of the pooler's input, that of hidden states before a classifier unless
/// cls_dropout says otherwise. `run.dropout` replaces the first two and what follows from them. Throws
/// UserError for a rate outside [0, 1).
DropoutRates dropout_rates(const infer::ModelInfo& info, const RunSettings& run);
DropoutRates dropout_rates(const infer::ModelInfo& info, const FinetuneSettings& settings);

}  // namespace berta::train
