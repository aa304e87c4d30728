#include "cli/inspect_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_writer.h"
#include "core/error.h"
#include "io/folder.h"
#include "tokenizer/tokenizer.h"

namespace berta::cli {
namespace {

void list_specials(const tokenizer::Tokenizer& tokenizer, TokenizerFacts& facts) {
  const auto& ids = tokenizer.specials();
  for (const auto& id : {ids.pad, ids.cls, ids.sep, ids.unk, ids.mask}) {
    if (id) facts.specials.push_back(fmt::format("{} {}", tokenizer.token(*id), *id));
  }
  facts.mask = ids.mask;
}

TokenizerFacts read_tokenizer(const std::string& folder, const infer::Inspection& model) {
  TokenizerFacts facts;
  try {
    const auto tokenizer = tokenizer::load_tokenizer(folder);
    facts.description = tokenizer->description();
    facts.size = tokenizer->size();
    facts.model_max_length = tokenizer->model_max_length();
    list_specials(*tokenizer, facts);
  } catch (const UserError& error) {
    facts.error = error.what();
    return facts;
  }
  const std::int64_t rows = model.info.config.embeddings.vocabulary;
  if (facts.size > rows) {
    facts.remarks.push_back(
        fmt::format("its largest id is {}, but the word embedding has {} rows", facts.size - 1, rows));
  }
  if (model.head == infer::Head::mlm && !facts.mask)
    facts.remarks.emplace_back("no mask token, which the MLM head needs");
  return facts;
}

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : between) + word;
  return joined;
}

/// Lists of a thousand labels are for --json.
std::string shorten(const std::string& value) {
  constexpr std::size_t kWidest = 100;
  if (value.size() <= kWidest) return value;
  std::size_t end = kWidest;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // whole code points
  return value.substr(0, end) + " ...";
}

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string heads_text(const infer::Inspection& model) {
  std::vector<std::string> names;
  for (const infer::Head head : model.report.heads) names.emplace_back(infer::name_of(head));
  if (names.empty()) return "none";
  return join(names, ", ") + fmt::format("; default {}{}", infer::name_of(model.head),
                                         model.head != infer::Head::mlm ? ""
                                         : model.enhanced_decoder ? ", through the enhanced mask decoder"
                                                                  : ", plain decoder");
}

std::string dtypes_text(const infer::Inspection& model) {
  std::vector<std::string> types;
  for (const infer::TensorFacts& tensor : model.tensors) {
    const std::string type(berta::name_of(tensor.dtype));
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return join(types, ", ");
}

std::vector<std::string> names_of(const infer::Inspection& model, infer::TensorFacts::Use use) {
  std::vector<std::string> names;
  for (const infer::TensorFacts& tensor : model.tensors) {
    if (tensor.use == use) names.push_back(tensor.name);
  }
  return names;
}

void append_names(std::string& out, const char* title, const std::vector<std::string>& names) {
  out += fmt::format("  {:<14}{}\n", title, names.empty() ? "none" : join(names, ", "));
}

void append_config(std::string& out, const infer::Inspection& model) {
  out += fmt::format("\nConfig {} ({})\n", model.info.path, name_of(model.info.dialect));
  for (const infer::ConfigEntry& entry : model.info.entries) {
    out += fmt::format("  {:<10}{:<26}{}\n", name_of(entry.origin), entry.key, shorten(entry.value));
  }
  append_names(out, "not read", model.info.unknown_keys);
}

void append_tokenizer(std::string& out, const TokenizerFacts& tokenizer) {
  out += "\nTokenizer\n";
  if (tokenizer.description.empty()) {
    out += "  none: " + tokenizer.error + "\n";
    return;
  }
  out += fmt::format("  {}\n  specials      {}\n", tokenizer.description, join(tokenizer.specials, ", "));
  if (tokenizer.model_max_length)
    out += fmt::format("  longest text  {} tokens\n", *tokenizer.model_max_length);
  for (const std::string& remark : tokenizer.remarks) out += "  warning: " + remark + "\n";
}

void write_config(JsonWriter& json, const infer::Inspection& model) {
  json.key("config").begin_object();
  for (const infer::ConfigEntry& entry : model.info.entries) {
    json.key(entry.key).begin_object();
    json.key("value").raw(entry.value).member("origin", name_of(entry.origin)).end_object();
  }
  json.end_object();
}

void write_list(JsonWriter& json, const char* key, const std::vector<std::string>& words) {
  json.key(key).begin_array();
  for (const std::string& word : words) json.value(word);
  json.end_array();
}

void write_tensors(JsonWriter& json, const infer::Inspection& model) {
  using Use = infer::TensorFacts::Use;
  json.key("tensors").begin_array();
  for (const infer::TensorFacts& tensor : model.tensors) {
    json.begin_object().member("name", tensor.name).member("dtype", berta::name_of(tensor.dtype));
    json.key("shape").begin_array();
    for (const std::int64_t extent : tensor.shape) json.value(extent);
    json.end_array();
    json.member("use", tensor.use == Use::used     ? "used"
                       : tensor.use == Use::unused ? "unused"
                                                   : "unexpected");
    json.end_object();
  }
  json.end_array();
  write_list(json, "missing", model.missing);
  write_list(json, "unused", names_of(model, Use::unused));
  write_list(json, "unexpected", names_of(model, Use::unexpected));
}

void write_tokenizer(JsonWriter& json, const TokenizerFacts& tokenizer) {
  json.key("tokenizer");
  if (tokenizer.description.empty()) {
    json.null().member("tokenizer_error", tokenizer.error);
    return;
  }
  json.begin_object().member("description", tokenizer.description).member("size", tokenizer.size);
  write_list(json, "specials", tokenizer.specials);
  json.key("mask_id");
  tokenizer.mask ? json.value(*tokenizer.mask) : json.null();
  json.key("model_max_length");
  tokenizer.model_max_length ? json.value(*tokenizer.model_max_length) : json.null();
  write_list(json, "warnings", tokenizer.remarks);
  json.end_object();
}

}  // namespace

std::string_view name_of(infer::Dialect dialect) {
  switch (dialect) {
    case infer::Dialect::deberta:
      return "deberta";
    case infer::Dialect::deberta_v2:
      return "deberta-v2";
    case infer::Dialect::bert:
      return "bert";
    case infer::Dialect::microsoft:
      return "microsoft";
  }
  throw InternalError("internal error: a dialect without name");
}

std::string_view name_of(infer::Origin origin) {
  switch (origin) {
    case infer::Origin::file:
      return "file";
    case infer::Origin::preset:
      return "default";
    case infer::Origin::inferred:
      return "inferred";
  }
  throw InternalError("internal error: an origin without name");
}

InspectReport make_report(const std::string& folder) {
  InspectReport report{.folder = folder, .model = infer::inspect(folder), .tokenizer = {}};
  report.tokenizer = read_tokenizer(io::is_folder(folder) ? folder : io::parent_of(folder), report.model);
  return report;
}

std::string inspect_as_text(const InspectReport& report, bool all_tensors) {
  using Use = infer::TensorFacts::Use;
  const infer::Inspection& model = report.model;
  std::string out = "Model " + report.folder + "\n";
  out += fmt::format("  files         {}\n", join(model.files, ", "));
  out += fmt::format("  parameters    {} in {} tensors, {}\n", model.report.parameters, model.tensors.size(),
                     dtypes_text(model));
  out += fmt::format("  memory        {} in the files; {} loaded as f32, {} stay in the file\n",
                     megabytes(model.report.weight_bytes), megabytes(model.loaded_bytes),
                     megabytes(model.mapped_bytes));
  out += fmt::format("  heads         {}\n", heads_text(model));
  if (!model.info.labels.empty()) out += fmt::format("  labels        {}\n", join(model.info.labels, ", "));
  append_config(out, model);
  out += "\nTensors\n";
  append_names(out, "missing", model.missing);
  append_names(out, "unused", names_of(model, Use::unused));
  append_names(out, "unexpected", names_of(model, Use::unexpected));
  if (all_tensors) {
    for (const infer::TensorFacts& tensor : model.tensors) {
      out += fmt::format("  {:<6}{:<16}{}\n", berta::name_of(tensor.dtype), to_string(tensor.shape),
                         tensor.name);
    }
  }
  for (const std::string& warning : model.report.warnings) out += "  warning: " + warning + "\n";
  append_tokenizer(out, report.tokenizer);
  return out;
}

std::string inspect_as_json(const InspectReport& report) {
  const infer::Inspection& model = report.model;
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("model", report.folder).member("dialect", name_of(model.info.dialect));
  write_list(json, "files", model.files);
  json.member("parameters", model.report.parameters).member("file_bytes", model.report.weight_bytes);
  json.member("loaded_bytes", model.loaded_bytes).member("mapped_bytes", model.mapped_bytes);
  json.key("heads").begin_array();
  for (const infer::Head head : model.report.heads) json.value(infer::name_of(head));
  json.end_array().member("default_head", infer::name_of(model.head));
  json.member("enhanced_mask_decoder", model.enhanced_decoder);
  write_list(json, "labels", model.info.labels);
  write_config(json, model);
  write_list(json, "unknown_keys", model.info.unknown_keys);
  write_tensors(json, model);
  write_list(json, "problems", model.problems);
  write_list(json, "warnings", model.report.warnings);
  write_tokenizer(json, report.tokenizer);
  json.end_object();
  return out + "\n";
}

}  // namespace berta::cli
