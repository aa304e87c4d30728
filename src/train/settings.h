#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/dtype.h"
#include "data/columns.h"
#include "metrics/metric.h"
#include "train/optim/schedule.h"

// What a training is asked for and what it says. Without torch: the command includes it.
namespace berta::train {

enum class Task : std::uint8_t {
  classification,
  regression,
  multi_label,
  token,   ///< named entities: the first token of a word carries its label
  answer,  ///< extractive questions, in windows
  choice,
  rerank,  ///< query and document: a score from 0 to 1, or groups of positives and negatives
  reward,  ///< of two answers the one that people chose
};

enum class Optimizer : std::uint8_t {
  adamw,
  xadam,  ///< of microsoft/DeBERTa: no correction of the moments
};

struct OptimizerSettings {
  Optimizer kind = Optimizer::adamw;
  double learning_rate = 2e-5;
  double weight_decay = 0.01;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double clip = 1;         ///< of the gradients' global norm; 0: none
  double layer_decay = 1;  ///< rate of a layer over that of the one above
  ScheduleKind schedule = ScheduleKind::linear;
  double warmup = 0;  ///< below 1: part of the steps; else steps
  double end = 0;     ///< part of the rate left at the end
};

/// Adversarial training on normalised embeddings (section 5 of the DeBERTa paper; sift/sift.py of
/// microsoft/DeBERTa 4d7fe0b).
struct SiftSettings {
  double weight = 0;  ///< lambda; 0: none
  double step = 1e-4;
  double start = 1e-2;  ///< spread of the first perturbation
};

struct LoraSettings {
  std::int64_t rank = 0;  ///< 0: all weights are trained
  double alpha = 16;
  double dropout = 0;
  /// Last parts of the names of linear layers in the encoder.
  std::vector<std::string> targets = {"query_proj", "value_proj"};
  std::string adapter{};  ///< folder of PEFT's form to begin from; rank, alpha and targets are the file's
};

/// What a training computes on.
enum class DeviceKind : std::uint8_t {
  automatic,  ///< a GPU if libtorch has CUDA and finds one, else the CPU
  cpu,
  cuda,
  registered,  ///< a back end that the program itself registered with libtorch (PrivateUse1); no option says
               ///< it
};

struct DeviceChoice {
  DeviceKind kind = DeviceKind::cpu;
  int index = -1;  ///< of several GPUs, from 0; below 0: LOCAL_RANK, which is 0 for one process
};

/// The same for fine-tuning and pretraining.
struct RunSettings {
  std::string output;
  std::int64_t batch_size = 32;
  std::int64_t accumulation = 1;  ///< batches a step
  std::int64_t max_steps = 0;     ///< 0: by epochs
  std::uint64_t seed = 42;
  int threads = 0;
  DeviceChoice device{};
  bool plain_forms =
      false;  ///< on the CPU too what a GPU runs, ATen's operations: for tests, no option says it
  bool bf16 = false;
  bool checkpointing = false;   ///< of gradients
  double dropout = -1;          ///< of hidden states and attention; below 0: the config's
  std::int64_t log_every = 10;  ///< steps
  double checkpoint_minutes = 10;
  std::int64_t checkpoint_steps = 0;  ///< also every so many steps; 0: none
  DType saved = DType::f32;           ///< of the model that is written: f32, f16 or bf16
  bool resume = false;
  double worker_timeout = 40;        ///< seconds without a sign of life after which a worker is given up
  std::vector<std::string> command;  ///< for the report
  std::string version;               ///< of Berta
};

struct FinetuneSettings {
  Task task = Task::classification;
  std::string model;
  std::string tokenizer;  ///< folder; empty: the model's
  std::vector<std::string> train;
  std::vector<std::string> dev;  ///< empty: dev_share of the training data
  double dev_share = 0;
  data::ColumnChoice columns;
  std::string label_separator = ",";
  std::vector<std::string> labels;  ///< in this order; empty: those of the data
  std::string word_prefix;          ///< dropped from words of CoNLL files
  bool token_projection = false;    ///< Microsoft's extra layer before the token classifier
  std::int64_t max_length = 0;      ///< 0: 256, of questions 384
  std::int64_t stride = 128;        ///< tokens that windows of questions overlap
  std::int64_t max_samples = 0;     ///< of the training data; 0: all
  std::int64_t epochs = 3;
  std::int64_t evaluate_steps = 0;  ///< 0: at the end of each epoch
  std::int64_t patience = 0;        ///< evaluations without a better one before it stops; 0: no stop
  std::string metric;               ///< that chooses the best model; empty: the task's own
  double label_smoothing = 0;
  double focal_gamma = 0;  ///< 0: plain cross-entropy
  double ema_decay = 0;    ///< of averaged weights; 0: none
  double classifier_dropout = -1;
  std::vector<std::uint64_t> seeds;  ///< a training each, into OUTPUT/seed-N; empty: one, of run.seed
  std::int64_t folds = 0;            ///< trainings on all but a fold each, into OUTPUT/fold-N; 0: none
  std::int64_t fold = -1;            ///< the one of `folds` that is held out, from 0; below 0: all in turn
  std::string dump_step;             ///< file: loss, gradients and weights of the first step, for checks
  RunSettings run;
  OptimizerSettings optimizer;
  SiftSettings sift;
  LoraSettings lora;
};

enum class Objective : std::uint8_t {
  mlm,  ///< masked language model
  rtd,  ///< replaced-token detection, with a generator of half depth (DeBERTaV3)
};

/// How the discriminator of rtd gets its word embedding (section 3.2 of DeBERTaV3).
enum class EmbeddingSharing : std::uint8_t {
  gdes,  ///< the generator's, without gradient, plus a table of its own
  es,    ///< the generator's; both give it gradients, but for decoupled steps: then the generator alone
  none,  ///< its own
};

struct PretrainSettings {
  Objective objective = Objective::mlm;
  std::string corpus;     ///< folder of `berta corpus prepare`
  std::string tokenizer;  ///< folder
  std::string config;     ///< JSON file: a model, or Microsoft's {"generator", "discriminator"}
  std::string model;      ///< folder to go on from: the model, or the discriminator; empty: new weights
  std::string generator;  ///< folder to go on from
  bool enhanced_decoder = true;  ///< of mlm and of the generator, where positions are not added to the input
  EmbeddingSharing sharing = EmbeddingSharing::gdes;
  double rtd_weight = 10;         ///< lambda
  bool decoupled = true;          ///< the generator steps before the discriminator runs
  double discriminator_rate = 0;  ///< 0: the generator's
  std::int64_t max_length = 512;
  bool whole_documents = false;  ///< chunks end with documents; else the corpus is one stream, as Microsoft's
  double mask_rate = 0.15;
  std::int64_t max_ngram = 0;          ///< words of a masked span; 0: 3 of mlm, 1 of rtd
  double keep = -1;                    ///< of masked tokens that stay; below 0: 0.1 of mlm, 0 of rtd
  double random = -1;                  ///< that become any token
  double token_drop = 0;               ///< part of the tokens that a step leaves out, of input and loss
  std::int64_t evaluate_steps = 0;     ///< between evaluations on the held-out documents; 0: at the end
  std::int64_t evaluate_chunks = 256;  ///< of them
  std::string dump_step;               ///< file: batches, losses, gradients, weights of the first step
  RunSettings run;
  OptimizerSettings optimizer;
};

struct TrainProgress {
  std::int64_t step = 0;
  std::int64_t steps = 0;
  double epoch = 0;
  double loss = 0;  ///< mean over the last steps
  double learning_rate = 0;
  double tokens_per_second = 0;
  std::string phase;  ///< "train", "evaluate"
};

/// Whom a training tells how it goes.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void note(const std::string& message) = 0;
  virtual void warn(const std::string& message) = 0;
  virtual void progress(const TrainProgress& progress) = 0;
  /// True when it shall save and stop.
  virtual bool stop() = 0;
};

struct TrainOutcome {
  bool stopped = false;  ///< by a watcher; a checkpoint is there
  bool is_first = true;  ///< of several workers the one that speaks
  std::int64_t steps = 0;
  double loss = 0;
  metrics::Metrics metrics{};  ///< of the best model on the dev data; of several trainings their means
  std::string main_metric{};   ///< of fine-tuning: which chose the best model
  std::string best{};          ///< of several trainings: the best one's folder
};

/// A number or a text of a training that is not begun.
struct PlanFact {
  enum class Unit : std::uint8_t { text, count, bytes, seconds };
  std::string name;
  Unit unit = Unit::text;
  double number = 0;
  std::string text{};
};

/// What a training would do (--dry-run).
struct TrainPlan {
  std::vector<PlanFact> facts;
  std::vector<std::string> files;  ///< that it would write
};

}  // namespace berta::train
