#include "golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "io/json.h"
#include "io/mapped_file.h"

namespace berta::infer::testing {
namespace {

const std::string kModels = std::string(BERTA_TEST_DATA) + "/goldens/model";

std::vector<std::int32_t> integers(const io::Json& array) {
  std::vector<std::int32_t> values;
  for (const io::Json& value : array.as_array("list")) {
    values.push_back(static_cast<std::int32_t>(value.as_integer("list")));
  }
  return values;
}

Sequence read_sequence(const io::Json& object) {
  Sequence sequence{.ids = integers(*object.find("input_ids")), .types = {}, .mask_positions = {}};
  if (const io::Json* types = object.find("token_type_ids")) sequence.types = integers(*types);
  if (const io::Json* positions = object.find("mask_positions")) {
    sequence.mask_positions = integers(*positions);
    sequence.all_positions = false;
  }
  return sequence;
}

Head head_named(std::string_view name) {
  for (const Head head :
       {Head::none, Head::classification, Head::token, Head::qa, Head::choice, Head::mlm, Head::rtd}) {
    if (name_of(head) == name) return head;
  }
  throw std::invalid_argument("request.json: head " + std::string(name));
}

/// Largest difference of `found` to the expected tensor `name`, if there is one.
double difference(const io::Checkpoint& expected, const std::string& name, const std::vector<float>& found,
                  std::size_t& compared) {
  const io::CheckpointTensor* tensor = expected.find(name);
  if (tensor == nullptr) return 0;
  ++compared;
  std::vector<double> wanted(static_cast<std::size_t>(tensor->view.size()));
  convert(tensor->view, 0, std::span(wanted));
  EXPECT_EQ(wanted.size(), found.size()) << name;
  double worst = 0;
  for (std::size_t i = 0; i < std::min(wanted.size(), found.size()); ++i) {
    const double here = std::abs(wanted[i] - static_cast<double>(found[i]));
    worst = here <= worst ? worst : here;  // NaN wins
  }
  return worst;
}

std::vector<float> column(const Matrix& matrix, std::int64_t index) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < matrix.rows; ++i)
    values.push_back(matrix.row(i)[static_cast<std::size_t>(index)]);
  return values;
}

double compare(const io::Checkpoint& expected, const GoldenInput& input, Head head,
               const std::vector<Output>& outputs, std::size_t& compared) {
  double worst = 0;
  const auto check = [&](const std::string& key, const std::vector<float>& found) {
    worst = std::max(worst, difference(expected, input.id + "." + key, found, compared));
  };
  if (input.choices) {
    std::vector<float> scores;
    for (const Output& output : outputs) scores.push_back(output.logits.data.at(0));
    check("logits", scores);
    return worst;
  }
  const Output& output = outputs.at(0);
  check("last_hidden_state", output.last_hidden_state.data);
  for (std::size_t k = 0; k < output.hidden_states.size(); ++k) {
    check("hidden_states." + std::to_string(k), output.hidden_states[k].data);
  }
  if (head == Head::qa) {
    check("start_logits", column(output.logits, 0));
    check("end_logits", column(output.logits, 1));
  } else if (head != Head::none) {
    check("logits", output.logits.data);
  }
  return worst;
}

}  // namespace

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<GoldenInput> read_inputs(const std::string& path) {
  std::vector<GoldenInput> inputs;
  const io::MappedFile file(path);
  for (std::string_view text = file.text(); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const io::Json line = io::parse_json(text.substr(0, end), path);
    text.remove_prefix(std::min(end + 1, text.size()));
    GoldenInput& input = inputs.emplace_back();
    input.id = line.find("id")->as_string("id");
    if (const io::Json* choices = line.find("choices")) {
      input.choices = true;
      for (const io::Json& choice : choices->as_array("choices"))
        input.sequences.push_back(read_sequence(choice));
    } else {
      input.sequences.push_back(read_sequence(line));
    }
  }
  return inputs;
}

Golden read_golden(const std::string& name) {
  Golden golden;
  golden.folder = kModels + "/" + name;
  const io::Json request = io::read_json(golden.folder + "/request.json");
  golden.head = head_named(request.find("head")->as_string("head"));
  golden.decoder = request.find("mlm_decoder")->as_string("mlm_decoder") == "emd" ? MaskDecoder::enhanced
                                                                                  : MaskDecoder::plain;
  if (request.find("relative_saturation")->as_string("s") == "ms") golden.saturation = model::Saturation::ms;
  golden.microsoft = request.find("source")->as_string("source").starts_with("microsoft");
  golden.inputs = read_inputs(golden.folder + "/inputs.jsonl");
  return golden;
}

double worst_difference(const Golden& golden, Backend backend) {
  const auto loaded = Model::load(golden.folder, {.backend = backend, .saturation = golden.saturation});
  const auto session = loaded->make_session();
  const auto expected = io::Checkpoint::open(golden.folder + "/expected.safetensors");
  std::size_t compared = 0;
  double worst = 0;
  // All sequences packed into one batch: the answers may not depend on the neighbours.
  std::vector<Sequence> batch;
  for (const GoldenInput& input : golden.inputs) {
    batch.insert(batch.end(), input.sequences.begin(), input.sequences.end());
  }
  auto outputs = session->run(
      batch,
      {.head = golden.head, .decoder = golden.decoder, .last_hidden_state = true, .hidden_states = true});
  auto next = std::make_move_iterator(outputs.begin());
  for (const GoldenInput& input : golden.inputs) {
    const std::vector<Output> mine(next, next + static_cast<std::ptrdiff_t>(input.sequences.size()));
    next += static_cast<std::ptrdiff_t>(input.sequences.size());
    worst = std::max(worst, compare(expected, input, golden.head, mine, compared));
  }
  EXPECT_EQ(compared, expected.tensors().size())
      << "tensors of expected.safetensors that nothing was compared with";
  return worst;
}

}  // namespace berta::infer::testing
