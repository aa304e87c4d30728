#include "cli/corpus_options.h"

namespace berta::cli {

void add_text_input_options(std::vector<Option>& options, std::vector<std::string>& inputs,
                            corpus::TextFormat& format, std::string& column) {
  using enum corpus::TextFormat;
  options.push_back(make_files({"--input", "FILE", "text; may be given several times"}, inputs));
  options.push_back(make_choice<corpus::TextFormat>(
      "--format", "lines of text, or of JSON objects; auto: by the file's name or its first byte", format,
      {{"auto", automatic}, {"text", text}, {"jsonl", jsonl}}));
  options.push_back(make_text({"--column", "NAME", "member of the JSON objects that is the text"}, column));
}

std::vector<std::string> all_inputs(const std::vector<std::string>& inputs, const Arguments& arguments) {
  std::vector<std::string> all;
  if (!arguments.model.empty()) all.push_back(arguments.model);
  all.insert(all.end(), arguments.texts.begin(), arguments.texts.end());
  all.insert(all.end(), inputs.begin(), inputs.end());
  if (all.empty()) throw UsageError("expected --input FILE");
  return all;
}

}  // namespace berta::cli
