#include "tasks/job.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"

namespace berta::tasks {
namespace {

/// A sequence and whose it is.
struct Item {
  std::size_t input = 0;
  std::size_t part = 0;
  infer::Sequence sequence;
};

/// Items [begin, end).
struct Batch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Without the number that a sequence has in a batch of one.
std::string without_number(std::string_view message) {
  constexpr std::string_view kNumber = "sequence 0: ";
  return std::string(message.starts_with(kNumber) ? message.substr(kNumber.size()) : message);
}

/// Calls step(); a UserError becomes the outcome's.
template <class Step>
void guarded(Outcome& outcome, const Step& step) {
  try {
    step();
  } catch (const UserError& error) {
    outcome.error = error.what();
  }
}

std::vector<Item> prepare_all(Job& job) {
  std::vector<std::vector<infer::Sequence>> parts(job.count());
  parallel_each(job.count(),
                [&](std::size_t i) { guarded(job.outcome(i), [&] { parts[i] = job.prepare(i); }); });
  std::vector<Item> items;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t part = 0; part < parts[i].size(); ++part) {
      items.push_back({i, part, std::move(parts[i][part])});
    }
  }
  // Longest first: the last batches of a run, which threads wait for, are the cheap ones.
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.sequence.ids.size() > b.sequence.ids.size();
  });
  return items;
}

std::vector<Batch> cut_batches(const std::vector<Item>& items, std::size_t batch_tokens) {
  std::vector<Batch> batches;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t length = items[i].sequence.ids.size();
    if (batches.empty() || tokens + length > batch_tokens) {
      batches.push_back({i, i});
      tokens = 0;
    }
    tokens += length;
    batches.back().end = i + 1;
  }
  return batches;
}

class BatchRunner {
 public:
  BatchRunner(const infer::Request& request, Job& job, std::vector<Item>& items)
      : request_(request), job_(job), items_(items), errors_(items.size()) {}

  void run(infer::Session& session, const Batch& batch) {
    std::vector<infer::Sequence> sequences;
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      sequences.push_back(std::move(items_[i].sequence));
    }
    try {
      consume(batch, session.run(sequences, request_));
    } catch (const UserError&) {
      run_alone(session, batch, sequences);
    }
  }

  /// Errors of sequences go to their inputs; of several, that of the first part.
  void finish() {
    std::vector<const std::string*> first(job_.count(), nullptr);
    std::vector<std::size_t> part(job_.count(), 0);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Item& item = items_[i];
      if (errors_[i].empty() || (first[item.input] != nullptr && part[item.input] < item.part)) continue;
      first[item.input] = &errors_[i];
      part[item.input] = item.part;
    }
    parallel_each(job_.count(), [&](std::size_t i) {
      Outcome& outcome = job_.outcome(i);
      if (first[i] != nullptr) outcome.error = *first[i];
      if (outcome.ok()) guarded(outcome, [&] { job_.finish(i); });
    });
  }

 private:
  void consume(const Batch& batch, const std::vector<infer::Output>& outputs) {
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      job_.consume(items_[i].input, items_[i].part, outputs[i - batch.begin]);
    }
  }

  /// The model refuses a batch for one bad sequence: find it.
  void run_alone(infer::Session& session, const Batch& batch, std::span<const infer::Sequence> sequences) {
    for (std::size_t i = batch.begin; i < batch.end; ++i) {
      try {
        consume({i, i + 1}, session.run(sequences.subspan(i - batch.begin, 1), request_));
      } catch (const UserError& error) {
        errors_[i] = without_number(error.what());
      }
    }
  }

  const infer::Request& request_;
  Job& job_;
  std::vector<Item>& items_;
  std::vector<std::string> errors_;
};

}  // namespace

void run_job(const Runtime& runtime, const infer::Request& request, Job& job) {
  std::vector<Item> items = prepare_all(job);
  const std::vector<Batch> batches = cut_batches(items, runtime.options().batch_tokens);
  BatchRunner runner(request, job, items);
  const auto work = [&](WorkQueue& queue) {
    const SessionLease session = runtime.session();
    while (const auto i = queue.next()) runner.run(*session, batches[*i]);
  };
  // Threads that work on batches of their own never wait for one another; a few batches need all threads
  // each.
  if (batches.size() >= 2 * static_cast<std::size_t>(threads())) {
    parallel_workers(batches.size(), work);
  } else if (!batches.empty()) {
    WorkQueue queue(batches.size());
    work(queue);
  }
  runner.finish();
}

infer::Sequence to_sequence(const tokenizer::Encoding& encoding) {
  return {.ids = encoding.ids, .types = encoding.type_ids, .mask_positions = {}, .all_positions = true};
}

tokenizer::Encoding encode(const Runtime& runtime, const TextInput& input, LengthRule rule,
                           Outcome& outcome) {
  // transformers' tokenizers take one pair with an empty second text as no pair.
  if (!input.text_pair || input.text_pair->empty()) return encode(runtime, input.text, rule, outcome);
  return runtime.tokenizer().encode_pair(input.text, *input.text_pair, runtime.encode_options(rule),
                                         &outcome.truncated);
}

tokenizer::Encoding encode(const Runtime& runtime, std::string_view text, LengthRule rule, Outcome& outcome) {
  return runtime.tokenizer().encode(text, runtime.encode_options(rule), &outcome.truncated);
}

}  // namespace berta::tasks
