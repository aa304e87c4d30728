#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/golden.h"
#include "cli/output.h"
#include "cli/sample_ids.h"
#include "core/error.h"

namespace berta::cli {
namespace {

constexpr double kBound = 2e-5;

/// Largest difference and largest value of a comparison.
struct Gap {
  double worst = 0;
  double scale = 1;  ///< never below 1: small values are held to the absolute bound

  void add(const infer::Matrix& found, const infer::Matrix& expected) {
    check_internal(found.data.size() == expected.data.size(), "two backends give different shapes");
    for (std::size_t i = 0; i < found.data.size(); ++i) {
      const double distance =
          std::abs(static_cast<double>(found.data[i]) - static_cast<double>(expected.data[i]));
      worst = std::isfinite(distance) ? std::max(worst, distance) : HUGE_VAL;
      scale = std::max(scale, std::abs(static_cast<double>(expected.data[i])));
    }
  }
  bool good() const { return worst <= kBound * scale; }
};

class Verify final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "verify",
        .summary = "compare a model's fast run with plain loops in double, or with golden outputs",
        .operands = "MODEL",
        .details =
            "Runs a few sequences of fixed ids through the fast implementation and through the reference "
            "(plain\n"
            "loops in double) and prints the largest difference of hidden states and logits, which must not\n"
            "exceed 2e-5 of the largest value. With --golden, compares with expected.safetensors of a folder "
            "that\n"
            "also has inputs.jsonl and request.json; bound 2e-5, or 5e-5 for outputs of Microsoft's code.\n"
            "Exit status 1 if a bound is exceeded.",
        .example = "  berta verify models/sentiment",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_text({"--golden", "FOLDER", "compare with this folder's outputs"}, golden_));
    add_model_options(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    if (model_.load.precision != infer::Precision::automatic &&
        model_.load.precision != infer::Precision::f32) {
      throw UsageError("--dtype: expected f32, whose bound this is");
    }
    return golden_.empty() ? compare_backends(arguments.model) : compare_with_golden(arguments.model);
  }

 private:
  int compare_with_golden(const std::string& folder) {
    const GoldenRequest request = read_golden_request(golden_);
    model_.load.saturation = request.saturation;
    const auto model = infer::Model::load(folder, model_.load);
    const GoldenResult result = compare_golden(*model, golden_, request);
    Output("").write(fmt::format("{}: {} tensors, largest difference {:.2e} ({}), bound {:.0e}\n", golden_,
                                 result.tensors, result.worst, result.worst_tensor, request.bound));
    if (result.worst <= request.bound) return kDone;
    throw UserError(fmt::format("{}: tensor '{}' differs by {:.2e}, expected at most {:.0e}", golden_,
                                result.worst_tensor, result.worst, request.bound));
  }

  int compare_backends(const std::string& folder) {
    infer::LoadOptions options = model_.load;
    options.backend = infer::Backend::cpu;
    const auto fast = infer::Model::load(folder, options);
    options.backend = infer::Backend::reference;
    const auto plain = infer::Model::load(folder, options);
    const auto fast_session = fast->make_session();
    const auto plain_session = plain->make_session();
    const infer::Request request{
        .head = fast->resolve(infer::Head::automatic), .last_hidden_state = true, .hidden_states = true};
    Output output("");
    for (const std::int64_t length : {1, 2, 9, 33}) {
      if (length > fast->info().config.embeddings.max_positions) break;
      const infer::Sequence sequence = sample_sequence(fast->info().config, length, length);
      const auto found = fast_session->run({&sequence, 1}, request).front();
      const auto expected = plain_session->run({&sequence, 1}, request).front();
      Gap hidden, logits;
      for (std::size_t i = 0; i < found.hidden_states.size(); ++i) {
        hidden.add(found.hidden_states[i], expected.hidden_states[i]);
      }
      logits.add(found.logits, expected.logits);
      output.write(fmt::format(
          "length {:>3}: hidden states differ by {:.1e} of {:.1f}, {} logits by {:.1e} of {:.1f}\n", length,
          hidden.worst, hidden.scale, infer::name_of(request.head), logits.worst, logits.scale));
      good_ = good_ && hidden.good() && logits.good();
    }
    if (!good_)
      throw UserError(
          fmt::format("{}: the fast run differs from the reference by more than {:.0e} of the largest value",
                      folder, kBound));
    output.write("good: within 2e-5 of the largest value\n");
    return kDone;
  }

  std::string golden_;
  ModelSettings model_;
  bool good_ = true;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace berta::cli
