#include "golden_case.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "golden_tasks.h"
#include "json_tools.h"

namespace berta::tasks::testing {
namespace {

namespace fs = std::filesystem;
using io::Json;

const fs::path kGoldens = fs::path(BERTA_TEST_DATA) / "goldens" / "tasks";

/// A folder that goes away with its object. The model keeps its weights mapped.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name)
      : path_(fs::temp_directory_path() / ("berta_" + name + "_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write(const fs::path& path, const Json& json) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << dump(json);
}

std::string tokenizer_folder(const std::string& model) {
  return model == "deberta" ? std::string(BERTA_MODELS) + "/sentiment" : (kGoldens / model).string();
}

ModelOptions model_options(const GoldenCase& golden) {
  ModelOptions options;
  const Json* run = golden.json.find("run");
  if (run == nullptr) return options;
  if (const Json* length = run->find("max_length")) {
    options.max_length = static_cast<std::size_t>(length->as_integer("max_length"));
  }
  if (run->find("truncation") != nullptr) options.truncation = Truncation::head;
  return options;
}

}  // namespace

const Json& GoldenCase::at(const char* key) const {
  const Json* found = json.find(key);
  if (found == nullptr) throw std::runtime_error(name + ": no " + key);
  return *found;
}

std::vector<GoldenCase> read_golden_cases() {
  std::vector<GoldenCase> cases;
  std::ifstream file(kGoldens / "cases.jsonl");
  for (std::string line; std::getline(file, line);) {
    GoldenCase golden{"case", io::parse_json(line, "cases.jsonl")};
    std::string name;
    for (const char* key : {"task", "model", "id"}) name += golden.at(key).as_string(key) + "_";
    for (char& c : name) c = c == '-' ? '_' : c;
    name.pop_back();
    golden.name = name;
    cases.push_back(std::move(golden));
  }
  return cases;
}

Runtime make_runtime(const std::string& model, const ModelOptions& options) {
  return Runtime::load((kGoldens / model).string(), options, {.tokenizer_folder = tokenizer_folder(model)});
}

Json run_case(const GoldenCase& golden) {
  const std::string& model = golden.at("model").as_string("model");
  const TemporaryFolder folder(golden.name);
  fs::copy(kGoldens / model, folder.path(), fs::copy_options::recursive);
  if (const Json* changes = golden.json.find("config")) {
    const Json config = io::read_json((kGoldens / model / "config.json").string());
    write(folder.path() / "config.json", merged(config, *changes));
  }
  if (const Json* files = golden.json.find("files")) {
    for (const auto& [name, content] : files->as_object("files")) write(folder.path() / name, content);
  }
  const Runtime runtime = Runtime::load(folder.path().string(), model_options(golden),
                                        {.tokenizer_folder = tokenizer_folder(model)});
  return run_task(golden, runtime);
}

}  // namespace berta::tasks::testing
