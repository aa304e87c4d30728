#include "cli/glue_recipes.h"

#include <fmt/format.h>

#include "core/error.h"
#include "io/folder.h"
#include "io/json.h"

namespace berta::cli {
namespace {

// experiments/glue/{cola,mnli,mrpc,qnli,qqp,rte,sst2,stsb}.sh of microsoft/DeBERTa at 4d7fe0b. Not here: the
// bert-xsmall of mnli.sh, which was never published.
constexpr GlueRecipe kRecipes[] = {
    // task, size, epochs, warm-up, rate, batch, dropout, length
    {"cola", "base", 6, 100, 2e-5, 32, 0.15, 64},
    {"cola", "large", 6, 100, 7e-6, 32, 0.15, 64},
    {"cola", "xlarge", 8, 100, 5e-6, 32, 0.2, 64},
    {"cola", "xlarge-v2", 8, 100, 3e-6, 32, 0.2, 64},
    {"cola", "xxlarge-v2", 10, 100, 2.5e-6, 32, 0.2, 64},
    {"cola", "v3-large", 10, 50, 5.5e-6, 32, 0.1, 64},
    {"mnli", "base", 3, 1000, 3e-5, 64, 0.1, 256},
    {"mnli", "base-sift", 6, 1000, 1.5e-5, 64, 0.1, 256, false, 5},
    {"mnli", "large", 3, 1000, 1e-5, 64, 0.2, 256},
    {"mnli", "xlarge", 3, 1000, 5e-6, 64, 0.3, 256},
    {"mnli", "xlarge-v2", 3, 1000, 4e-6, 64, 0.25, 256},
    {"mnli", "xxlarge-v2", 3, 1000, 3e-6, 64, 0.3, 256},
    {"mnli", "xxlarge-v2-sift", 6, 1000, 3e-6, 64, 0.3, 256, false, 5},
    {"mnli", "v3-xsmall", 3, 1000, 4.5e-5, 64, 0.1, 256},
    {"mnli", "v3-xsmall-sift", 10, 1500, 5e-5, 64, 0.1, 256, false, 3},
    {"mnli", "v3-small", 3, 1500, 4.5e-5, 64, 0.2, 256},
    {"mnli", "v3-small-sift", 6, 1000, 3.5e-5, 64, 0.1, 256, false, 5},
    {"mnli", "v3-base", 3, 1000, 1.5e-5, 64, 0.1, 256},
    {"mnli", "v3-base-sift", 6, 1000, 1.5e-5, 64, 0.1, 256, false, 5},
    {"mnli", "v3-large", 2, 500, 7e-6, 64, 0.3, 256},
    {"mrpc", "base", 6, 50, 2e-5, 32, 0.15, 128, true},
    {"mrpc", "large", 6, 50, 1e-5, 32, 0.15, 128, true},
    {"mrpc", "xlarge", 8, 50, 7e-6, 32, 0.3, 128, true},
    {"mrpc", "xlarge-v2", 6, 50, 3.5e-6, 32, 0.2, 128, true},
    {"mrpc", "xxlarge-v2", 6, 50, 2e-6, 32, 0.2, 128, true},
    {"mrpc", "v3-large", 6, 50, 6e-6, 32, 0.2, 128},
    {"qnli", "base", 4, 500, 2e-5, 32, 0.15, 512},
    {"qnli", "large", 4, 500, 1e-5, 32, 0.15, 512},
    {"qnli", "xlarge", 4, 500, 7e-6, 32, 0.2, 512},
    {"qnli", "xlarge-v2", 4, 500, 4e-6, 64, 0.2, 512},
    {"qnli", "xxlarge-v2", 4, 500, 3e-6, 64, 0.2, 512},
    {"qnli", "v3-large", 6, 200, 7e-6, 64, 0.2, 512},
    {"qqp", "base", 8, 500, 2e-5, 64, 0.15, 320},
    {"qqp", "large", 8, 500, 1e-5, 64, 0.15, 320},
    {"qqp", "xlarge", 8, 500, 7e-6, 64, 0.2, 320},
    {"qqp", "xlarge-v2", 10, 1000, 4e-6, 64, 0.2, 320},
    {"qqp", "xxlarge-v2", 10, 1000, 3e-6, 64, 0.2, 320},
    {"qqp", "v3-large", 6, 1000, 1e-5, 64, 0.2, 320},
    {"rte", "base", 6, 100, 2e-5, 32, 0.2, 320, true},
    {"rte", "large", 6, 50, 1e-5, 32, 0.2, 320, true},
    {"rte", "xlarge", 6, 50, 5e-6, 48, 0.2, 320, true},
    {"rte", "xlarge-v2", 6, 50, 4e-6, 48, 0.2, 320, true},
    {"rte", "xxlarge-v2", 6, 50, 3e-6, 48, 0.2, 320, true},
    {"rte", "v3-large", 6, 50, 1e-5, 32, 0.3, 320},
    {"sst2", "base", 6, 500, 2e-5, 32, 0.15, 128},
    {"sst2", "large", 6, 500, 1e-5, 32, 0.15, 128},
    {"sst2", "xlarge", 6, 500, 3e-6, 32, 0.2, 128},
    {"sst2", "xlarge-v2", 4, 500, 4e-6, 32, 0.2, 128},
    {"sst2", "xxlarge-v2", 4, 500, 3e-6, 32, 0.2, 128},
    {"sst2", "v3-large", 8, 500, 6e-6, 32, 0.1, 128},
    {"stsb", "base", 6, 100, 2e-5, 32, 0.15, 128, true},
    {"stsb", "large", 4, 100, 7e-6, 32, 0.15, 128, true},
    {"stsb", "xlarge", 4, 100, 7e-6, 32, 0.2, 128, true},
    {"stsb", "xlarge-v2", 4, 100, 4e-6, 32, 0.2, 128, true},
    {"stsb", "xxlarge-v2", 4, 100, 3e-6, 32, 0.2, 128, true},
    {"stsb", "v3-large", 4, 50, 7e-6, 32, 0.1, 128},
};

/// What tells the published models apart. V1 has the vocabulary of GPT-2, V2 and V3 one of 128,100.
struct ModelSize {
  std::string_view name;
  std::int64_t hidden;
  std::int64_t layers;
  bool v1;
};
constexpr ModelSize kSizes[] = {
    {"base", 768, 12, true},        {"large", 1024, 24, true},       {"xlarge", 1024, 48, true},
    {"xlarge-v2", 1536, 24, false}, {"xxlarge-v2", 1536, 48, false}, {"v3-xsmall", 384, 12, false},
    {"v3-small", 768, 6, false},    {"v3-base", 768, 12, false},     {"v3-large", 1024, 24, false},
};

std::string quoted(std::string_view name) {
  return "preset '" + std::string(name) + "'";
}

/// The size of the model in a folder; none where no published one is like it. `found` says what it is like.
std::string_view size_of(const std::string& model, std::string& found) {
  const std::string path = io::join(model, "config.json");
  const io::Json config = io::read_json(path);
  const auto number = [&](const char* key) {
    const io::Json* value = config.find(key);
    return value == nullptr ? 0 : value->as_integer(path + ": key '" + key + "'");
  };
  const std::int64_t hidden = number("hidden_size"), layers = number("num_hidden_layers");
  const std::int64_t vocabulary = number("vocab_size");
  found = fmt::format("{} with {} layers, hidden size {} and {} tokens", model, layers, hidden, vocabulary);
  constexpr std::int64_t kLeastV2 = 100'000, kMostV2 = 200'000;  // mDeBERTa has more
  for (const ModelSize& size : kSizes) {
    const bool vocabulary_fits =
        size.v1 ? vocabulary < kLeastV2 : vocabulary >= kLeastV2 && vocabulary <= kMostV2;
    if (size.hidden == hidden && size.layers == layers && vocabulary_fits) return size.name;
  }
  return {};
}

/// "base, large" of a task; empty where there is no such task.
std::string sizes_of(std::string_view task) {
  std::string list;
  for (const GlueRecipe& recipe : kRecipes) {
    if (recipe.task == task) list += (list.empty() ? "" : ", ") + std::string(recipe.size);
  }
  return list;
}

}  // namespace

std::span<const GlueRecipe> glue_recipes() {
  return kRecipes;
}

const GlueRecipe& find_glue_recipe(std::string_view name, const std::string& model) {
  constexpr std::string_view kGroup = "glue/";
  const std::size_t colon = std::min(name.find(':'), name.size());
  const std::string_view task =
      name.starts_with(kGroup) ? name.substr(kGroup.size(), colon - kGroup.size()) : std::string_view();
  const std::string sizes = sizes_of(task);
  if (sizes.empty())
    throw UserError(quoted(name) + ": expected glue/TASK or glue/TASK:SIZE; --preset list names them");
  std::string found;
  std::string_view size;
  if (colon < name.size()) {
    size = name.substr(colon + 1);
    found = "'" + std::string(size) + "'";
  } else {
    size = size_of(model, found);
  }
  for (const GlueRecipe& recipe : kRecipes) {
    if (recipe.task == task && recipe.size == size) return recipe;
  }
  throw UserError(
      fmt::format("{}: expected a size with a published recipe ({}), found {}; glue/{}:SIZE takes "
                  "that of another size",
                  quoted(name), sizes, found, task));
}

std::string glue_recipe_table() {
  std::string table = fmt::format("{:<26}{:>8}{:>8}{:>8}{:>7}{:>9}{:>8}{:>6}\n", "preset", "epochs", "warmup",
                                  "rate", "batch", "dropout", "length", "SiFT");
  for (const GlueRecipe& recipe : kRecipes) {
    table += fmt::format(
        "{:<26}{:>8}{:>8}{:>8}{:>7}{:>9}{:>8}{:>6}{}\n", fmt::format("glue/{}:{}", recipe.task, recipe.size),
        recipe.epochs, recipe.warmup, recipe.learning_rate, recipe.batch_size, recipe.classifier_dropout,
        recipe.max_length, recipe.sift_weight, recipe.from_mnli ? "  from a model of MNLI" : "");
  }
  return table;
}

}  // namespace berta::cli
