#include <fmt/format.h>

#include <cstdlib>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/json_writer.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "core/parallel.h"
#include "infer/backend_facts.h"

namespace berta::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where hub models are kept: $HF_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub or the one at
/// home.
std::string hub_cache() {
  if (std::string cache = variable("HF_HUB_CACHE"); !cache.empty()) return cache;
  if (const std::string home = variable("HF_HOME"); !home.empty()) return home + "/hub";
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache + "/huggingface/hub";
  return variable("HOME") + "/.cache/huggingface/hub";
}

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

std::string gigabytes(std::size_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

using Facts = std::vector<std::pair<std::string, std::string>>;

Facts collect() {
  const Machine machine = read_machine();
  const infer::BackendFacts backend = infer::backend_facts();
  Facts facts = {
      {"berta", version()},
      {"compiler", __VERSION__},
      {"cpu", machine.cpu},
      {"instruction sets", join(machine.features)},
      {"cores", std::to_string(machine.cores)},
      {"threads", std::to_string(threads())},
      {"memory", gigabytes(machine.memory) + ", " + gigabytes(machine.free_memory) + " free"},
      {"kernels", backend.kernels + " of " + join(backend.compiled)},
      {"bf16 products", backend.native_bf16 ? "native" : "by wider arithmetic"},
      {"int8 products", backend.native_int8 ? "native" : "by wider arithmetic"},
      {"Highway", backend.highway_version},
      {"hub cache", hub_cache()},
  };
  for (const char* name :
       {"OMP_NUM_THREADS", "OMP_PROC_BIND", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "HF_HUB_OFFLINE"}) {
    if (const std::string value = variable(name); !value.empty()) facts.emplace_back(name, value);
  }
  return facts;
}

class Doctor final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "doctor",
        .summary = "what this machine has and which kernels run on it",
        .operands = "",
        .details = "",
        .example = "  berta doctor",
    };
  }

  std::vector<Option> options() override { return {make_switch({"--json", "", "one JSON object"}, json_)}; }

  int run(const Arguments&) override {
    std::string out;
    JsonWriter json(out);
    if (json_) json.begin_object();
    for (const auto& [name, value] : collect()) {
      if (json_) {
        json.member(name, value);
      } else {
        out += fmt::format("{:<18}{}\n", name, value);
      }
    }
    if (json_) json.end_object(), out += "\n";
    Output("").write(out);
    return kDone;
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<Doctor>();
}

}  // namespace berta::cli
