#include "cli/train_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/json_writer.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/usage_error.h"
#include "core/error.h"
#include "report/progress_facts.h"

namespace berta::cli {
namespace {

std::vector<std::string> module_places() {
  if (const char* said = std::getenv("BERTA_TRAIN_MODULE")) return {said};
  std::error_code error;
  const auto command = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto folder = command.parent_path();
  return {(folder / "libberta_train.so").string(), (folder / "../lib/berta/libberta_train.so").string()};
}

/// oneDNN keeps the last 1,024 products that it compiled, and libtorch's layer above it 1,024 of its own,
/// each with about a megabyte. Sentences of all lengths make packed batches of all numbers of rows, so few
/// come back before they are pushed out: a training of a 3.4 M model grew by 3 MB a step, to 3 GB. A step's
/// own products, some 20 shapes, fit into 32. Both read this when they are first used.
void bound_compiled_products() {
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32", 0);
  setenv("LRU_CACHE_CAPACITY", "32", 0);
}

/// Waiting OpenMP threads of libtorch would take the cores from our own pool: they sleep instead, unless the
/// user says otherwise. First they look a moment (some microseconds) for more work, which is 3 to 5% faster
/// than none. libgomp reads this when it is loaded.
void calm_openmp() {
  setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("GOMP_SPINCOUNT", "1000", 0);
}

[[noreturn]] void refuse(const std::string& reason) {
  throw UserError(
      "training needs the module libberta_train.so: " + reason +
      "; it is built where libtorch is found: `pip install torch==2.13.0` (or tools/setup/torch.sh), then "
      "`make build`, with BERTA_TORCH naming the folder of the torch package if it is not python3's");
}

}  // namespace

const train::Module& train_module() {
  calm_openmp();
  bound_compiled_products();
  std::string reason;
  for (const std::string& place : module_places()) {
    std::error_code error;
    if (!std::filesystem::exists(place, error)) {
      reason += (reason.empty() ? "no " : ", no ") + place;
      continue;
    }
    void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) refuse(dlerror());
    const auto entry = reinterpret_cast<train::ModuleEntry>(dlsym(library, train::kModuleEntry));
    if (entry == nullptr) refuse(place + " is no such module");
    const train::Module& module = *entry();
    if (module.interface != train::kModuleInterface) refuse(place + " is of another version of Berta");
    return module;
  }
  refuse(reason);
}

namespace {

class ConsoleWatcher final : public train::Watcher {
 public:
  explicit ConsoleWatcher(Console& console) : console_(console) {}

  void note(const std::string& message) override { console_.note(message); }
  void warn(const std::string& message) override { console_.warn(message); }
  bool stop() override { return stop_.signal() != 0; }

  void progress(const train::TrainProgress& progress) override {
    if (!begun_) {
      console_.begin_progress(static_cast<double>(progress.step - 1) / static_cast<double>(progress.steps));
      begun_ = true;
    }
    const double fraction = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
    console_.progress(fraction, [&](double) {
      if (progress.phase == "evaluate") return std::string("evaluating");
      return fmt::format("epoch {:.2f}, loss {:.4f}, lr {:.2e}, {} tokens/s, {}", progress.epoch,
                         progress.loss, progress.learning_rate,
                         report::count_text(progress.tokens_per_second),
                         report::bytes_text(static_cast<double>(peak_memory())));
    });
  }

  int signal() const { return stop_.signal(); }

 private:
  Console& console_;
  StopRequest stop_;
  bool begun_ = false;
};

}  // namespace

int run_training(Console& console, const train::RunSettings& settings,
                 const std::function<train::TrainOutcome(train::Watcher&)>& run) {
  ConsoleWatcher watcher(console);
  const train::TrainOutcome outcome = run(watcher);
  console.clear_bar();
  if (outcome.stopped) {
    if (outcome.is_first)
      console.say(fmt::format("stopped at step {}; go on with the same command and --resume", outcome.steps));
    // Another worker may have got the signal.
    return 128 + (watcher.signal() != 0 ? watcher.signal() : SIGTERM);
  }
  if (!outcome.is_first) return kDone;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("output", settings.output).member("steps", outcome.steps);
  for (const auto& metric : outcome.metrics) json.member(metric.name, metric.value);
  if (!outcome.best.empty()) json.member("best", outcome.best);
  json.end_object();
  Output("").write(text + "\n");
  return kDone;
}

}  // namespace berta::cli
