#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/named_value.h"

namespace berta::report {

/// What a model reached on one data set; one entry of the model-index.
struct CardResult {
  std::string task_type;                 ///< a task of the hub: "text-classification"
  std::string dataset;                   ///< its name for readers: "GLUE SST-2"; must not be empty
  std::string dataset_type = {};         ///< its identifier: "nyu-mll/glue"; empty: as `dataset`
  std::string dataset_config = {};       ///< "sst2"; may be empty
  std::string split = {};                ///< "validation"; may be empty
  std::vector<NamedValue> metrics = {};  ///< names of the hub's metrics: "accuracy"
};

/// A fine-tuned model's README.md. Empty fields are left out.
struct ModelCard {
  std::string name;                           ///< must not be empty
  std::string summary = {};                   ///< one paragraph of plain text
  std::string base_model = {};                ///< "microsoft/deberta-v3-base"
  std::string library_name = "transformers";  ///< which library loads the folder
  std::string license = {};
  std::string pipeline_tag = {};  ///< "text-classification"
  std::vector<std::string> languages = {};
  std::vector<std::string> datasets = {};  ///< identifiers of the hub, or names of files
  std::vector<std::string> metrics = {};   ///< "accuracy", "f1"
  std::vector<std::string> tags = {};
  std::vector<CardResult> results = {};
  std::vector<std::string> command = {};  ///< arguments of the run, the program first
  std::vector<std::pair<std::string, std::string>> training = {};  ///< facts for a table: learning rate, seed
};

/// The card: YAML front matter that huggingface_hub reads, then Markdown. All text is escaped: a card shows
/// names as they are and runs nothing of them.
std::string model_card(const ModelCard& card);

}  // namespace berta::report
