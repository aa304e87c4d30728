#pragma once

#include <string>

#include "train/heads/task_head.h"

namespace berta::train {

/// README.md of a fine-tuned model: what it was made from, how, and what it reached.
std::string model_card_text(const FinetuneSettings& settings, const TaskHead& head,
                            const metrics::Metrics& metrics);

}  // namespace berta::train
