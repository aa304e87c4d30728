// berta_worker MODEL f32|bf16|int8 THREADS [TOKENIZER]: Berta as a worker of bench/peers (protocol:
// worker.py).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "infer/model.h"
#include "io/json.h"
#include "tokenizer/tokenizer.h"

namespace {

using namespace berta;
using Batch = std::vector<infer::Sequence>;
using Clock = std::chrono::steady_clock;

/// Tokens that run at once where texts come in: the default of `berta`'s own commands.
constexpr std::size_t kBatchTokens = 2048;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

infer::Precision precision_of(const std::string& name) {
  if (name == "bf16") return infer::Precision::bf16;
  if (name == "int8") return infer::Precision::int8;
  return infer::Precision::f32;
}

std::vector<Batch> read_batches(const io::Json& json) {
  std::vector<Batch> batches;
  for (const io::Json& batch : json.as_array("run")) {
    batches.emplace_back();
    for (const io::Json& ids : batch.as_array("batch")) {
      infer::Sequence sequence;
      for (const io::Json& id : ids.as_array("ids"))
        sequence.ids.push_back(static_cast<std::int32_t>(id.as_integer("id")));
      batches.back().push_back(std::move(sequence));
    }
  }
  return batches;
}

std::vector<std::string> read_texts(const io::Json& json) {
  std::vector<std::string> texts;
  for (const io::Json& text : json.as_array("texts")) texts.push_back(text.as_string("text"));
  return texts;
}

double number_of(const io::Json& request, std::string_view key, double otherwise) {
  const io::Json* found = request.find(key);
  return found == nullptr ? otherwise : found->as_number(key);
}

class Worker {
 public:
  Worker(const std::string& folder, infer::Precision precision)
      : model_(infer::Model::load(folder, {.precision = precision})), session_(model_->make_session()) {}

  void load_tokenizer(const std::string& folder) { tokenizer_ = tokenizer::load_tokenizer(folder); }

  std::string answer(const io::Json& request) {
    const io::Json* texts = request.find("texts");
    if (texts != nullptr) {
      if (!tokenizer_) throw UserError("no tokenizer was given");
      const auto read = read_texts(*texts);
      return timed(request, [&] { run_texts(read); });
    }
    const io::Json* run = request.find("run");
    if (run == nullptr) throw UserError("expected a key 'run' or 'texts'");
    const auto batches = read_batches(*run);
    return timed(request, [&] { run_batches(batches); });
  }

 private:
  using Logits = std::vector<std::vector<float>>;

  void run_batches(const std::vector<Batch>& batches) {
    logits_.clear();
    for (const Batch& batch : batches) {
      for (infer::Output& output : session_->run(batch, {.head = infer::Head::classification}))
        logits_.push_back(std::move(output.logits.data));
    }
  }

  void run_texts(const std::vector<std::string>& texts) {
    auto encodings = tokenizer::encode_batch(*tokenizer_, texts, {}, {.max_length = 512});
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return encodings[a].ids.size() > encodings[b].ids.size();
    });
    std::vector<Batch> batches;
    std::size_t tokens = kBatchTokens;
    for (const std::size_t i : order) {
      tokens += encodings[i].ids.size();
      if (tokens > kBatchTokens) {
        batches.emplace_back();
        tokens = encodings[i].ids.size();
      }
      batches.back().push_back({.ids = std::move(encodings[i].ids),
                                .types = std::move(encodings[i].type_ids),
                                .mask_positions = {}});
    }
    run_batches(batches);
    Logits sorted(texts.size());
    for (std::size_t i = 0; i < order.size(); ++i) sorted[order[i]] = std::move(logits_[i]);
    logits_ = std::move(sorted);
  }

  template <class Body>
  std::string timed(const io::Json& request, const Body& body) {
    const auto warm = static_cast<int>(number_of(request, "warm", 0));
    const double budget = 1e3 * number_of(request, "seconds", 0);
    for (int i = 0; i < warm; ++i) body();
    std::string out = "{\"ms\": [";
    const auto start = Clock::now();
    do {
      if (out.back() != '[') out += ", ";
      const auto one = Clock::now();
      body();
      io::append_json_number(out, milliseconds_since(one));
    } while (milliseconds_since(start) < budget);
    out += ']';
    const io::Json* wants = request.find("logits");
    if (wants != nullptr && wants->as_bool("logits")) append_logits(out);
    return out + '}';
  }

  void append_logits(std::string& out) const {
    out += ", \"logits\": [";
    for (const auto& row : logits_) {
      out += out.back() == '[' ? "[" : ", [";
      for (const float value : row) {
        if (out.back() != '[') out += ", ";
        io::append_json_number(out, value);
      }
      out += ']';
    }
    out += ']';
  }

  std::shared_ptr<const infer::Model> model_;
  std::unique_ptr<infer::Session> session_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  Logits logits_;
};

void serve(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) throw UserError("usage: berta_worker MODEL f32|bf16|int8 THREADS [TOKENIZER]");
  set_threads(std::stoi(arguments[2]));
  const auto start = Clock::now();
  Worker worker(arguments[0], precision_of(arguments[1]));
  const double load = milliseconds_since(start);
  if (arguments.size() > 3) worker.load_tokenizer(arguments[3]);
  std::cout << fmt::format("{{\"load_ms\": {}}}", load) << std::endl;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << worker.answer(io::parse_json(line, "request")) << std::endl;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    serve({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::cerr << "berta_worker: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
