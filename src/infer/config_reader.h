#pragma once

#include <string>
#include <vector>

#include "io/checkpoint.h"
#include "io/json.h"
#include "model/config.h"
#include "model/parameters.h"

namespace berta::infer {

/// Whose defaults hold for a config file.
enum class Dialect : std::uint8_t {
  deberta,     ///< model_type deberta: V1 as `transformers` writes it
  deberta_v2,  ///< model_type deberta-v2: V2, V3, mDeBERTa
  bert,        ///< model_type bert
  microsoft,   ///< no model_type: Microsoft's native form
};

/// Where a value of the config came from.
enum class Origin : std::uint8_t { file, preset, inferred };

/// One key as `inspect` shows it.
struct ConfigEntry {
  std::string key;
  std::string value;  ///< as JSON
  Origin origin = Origin::file;
};

/// A model folder's configuration: the typed part that the mathematics needs, and what tasks read beside it.
struct ModelInfo {
  model::Config config;
  Dialect dialect = Dialect::deberta_v2;
  model::NamePrefix prefix;
  std::vector<std::string> architectures;
  std::vector<std::string> labels;  ///< by id; "LABEL_0" ... where the file names none
  std::string problem_type;         ///< "regression", "multi_label_classification", ... or empty
  bool tied_embeddings = true;      ///< false: the language model head has an own output table
  std::vector<ConfigEntry> entries;
  std::vector<std::string> unknown_keys;  ///< keys of the file that nothing here reads
  io::Json json;                          ///< the file as it is
  std::string path;                       ///< for messages
};

/// Reads config.json (or model_config.json, or the config embedded in an old .bin) of a folder and completes
/// it from the tensors (deberta.md 2.2). Throws UserError naming file and key: nothing found, a wrong type, a
/// value out of range, a combination that no reference implementation runs.
ModelInfo read_config(const std::string& folder, const io::Checkpoint& checkpoint);

/// The same of a config that has been parsed; `path` names it in errors.
ModelInfo read_config(io::Json json, std::string path, const io::Checkpoint& checkpoint);

/// The config of a model that has no weights yet; tensors will have the names of `transformers`. Throws
/// UserError as above, and where vocab_size is not said.
ModelInfo read_new_config(io::Json json, std::string path);

/// "deberta." or "bert." or "" before "embeddings.word_embeddings.weight", and what stands before the heads.
/// Throws UserError if the checkpoint has no word embedding.
model::NamePrefix find_prefix(const io::Checkpoint& checkpoint);

}  // namespace berta::infer
