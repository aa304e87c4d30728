#include "report/model_card.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"
#include "report/command_line.h"
#include "report/progress_facts.h"
#include "report/yaml.h"

namespace berta::report {
namespace {

void add_field(std::string& out, std::string_view indent, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out.append(indent).append(key).append(": ").append(yaml_string(value)) += '\n';
}

void add_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out.append(key) += ":\n";
  for (const std::string& value : values) out += "- " + yaml_string(value) + "\n";
}

void add_result(std::string& out, const CardResult& result) {
  check_internal(!result.dataset.empty() && !result.task_type.empty(), "a result without task or data set");
  const std::string& type = result.dataset_type.empty() ? result.dataset : result.dataset_type;
  out += "  - task:\n";
  add_field(out, "      ", "type", result.task_type);
  out += "    dataset:\n";
  add_field(out, "      ", "name", result.dataset);
  add_field(out, "      ", "type", type);
  add_field(out, "      ", "config", result.dataset_config);
  add_field(out, "      ", "split", result.split);
  out += "    metrics:\n";
  for (const NamedValue& metric : result.metrics) {
    add_field(out, "    ", "- type", metric.name);
    out += "      value: " + yaml_number(metric.value) + "\n";
  }
}

std::string front_matter(const ModelCard& card) {
  std::string out = "---\n";
  add_list(out, "language", card.languages);
  add_field(out, "", "license", card.license);
  add_field(out, "", "library_name", card.library_name);
  add_field(out, "", "base_model", card.base_model);
  add_list(out, "datasets", card.datasets);
  add_list(out, "metrics", card.metrics);
  add_field(out, "", "pipeline_tag", card.pipeline_tag);
  add_list(out, "tags", card.tags);
  const auto has_metrics = [](const CardResult& result) { return !result.metrics.empty(); };
  if (std::any_of(card.results.begin(), card.results.end(), has_metrics)) {
    out += "model-index:\n";
    add_field(out, "", "- name", card.name);
    out += "  results:\n";
    for (const CardResult& result : card.results) {
      if (has_metrics(result)) add_result(out, result);
    }
  }
  return out + "---\n\n";
}

/// One line of Markdown that shows `text`: markup escaped, ends of lines and control characters as blanks.
std::string markdown(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_{}[]<>()#!|~&$+-";
  std::string out;
  for (const char32_t c : decode_utf8(text)) {
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
      out += ' ';
      continue;
    }
    // A hyphen or plus means something only where it may start a line.
    const bool markup = c < 0x80 && kMarkup.find(static_cast<char>(c)) != kMarkup.npos;
    if (markup && (out.empty() || (c != '-' && c != '+'))) out += '\\';
    append_utf8(out, c);
  }
  return out;
}

/// A block of code whose fence is longer than any in the text.
std::string code_block(std::string_view language, std::string_view text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + std::string(language) + "\n" + encode_utf8(decode_utf8(text)) + "\n" + fence + "\n";
}

std::string results_table(const ModelCard& card) {
  std::string rows;
  for (const CardResult& result : card.results) {
    std::string data = markdown(result.dataset);
    if (!result.split.empty()) data += " (" + markdown(result.split) + ")";
    for (const NamedValue& metric : result.metrics) {
      rows += "| " + data + " | " + markdown(metric.name) + " | " + value_text(metric.value) + " |\n";
    }
  }
  if (rows.empty()) return "";
  return "\n## Results\n\n| data | metric | value |\n|---|---|---:|\n" + rows;
}

}  // namespace

std::string model_card(const ModelCard& card) {
  check_internal(!card.name.empty(), "a model card without a name");
  std::string out = front_matter(card) + "# " + markdown(card.name) + "\n";
  if (!card.summary.empty()) out += "\n" + markdown(card.summary) + "\n";
  if (!card.base_model.empty()) out += "\nFine-tuned from " + markdown(card.base_model) + ".\n";
  out += results_table(card);
  if (!card.command.empty() || !card.training.empty()) out += "\n## Training\n";
  if (!card.command.empty()) out += "\n" + code_block("sh", command_line(card.command));
  if (!card.training.empty()) {
    out += "\n| setting | value |\n|---|---|\n";
    for (const auto& [name, value] : card.training) {
      out += "| " + markdown(name) + " | " + markdown(value) + " |\n";
    }
  }
  return out;
}

}  // namespace berta::report
