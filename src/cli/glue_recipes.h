#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace berta::cli {

/// How Microsoft fine-tuned a model of one size on one task of GLUE: what its script sets.
struct GlueRecipe {
  std::string_view task;  ///< "sst2"
  std::string_view size;  ///< "base", "xlarge-v2", "v3-large-sift"
  std::int64_t epochs;
  std::int64_t warmup;  ///< steps
  double learning_rate;
  std::int64_t batch_size;
  double classifier_dropout;
  std::int64_t max_length;
  bool from_mnli = false;  ///< it began from the model that was fine-tuned on MNLI
  double sift_weight = 0;
};

std::span<const GlueRecipe> glue_recipes();

/// The recipe that `name` means: "glue/sst2:large", or "glue/sst2" and the size of the model in that folder.
/// Throws UserError that says which there are.
const GlueRecipe& find_glue_recipe(std::string_view name, const std::string& model);

/// A table of all recipes.
std::string glue_recipe_table();

}  // namespace berta::cli
