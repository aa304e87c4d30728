#include "cli/task_command.h"

namespace berta::cli {

std::vector<Option> TaskCommand::options() {
  std::vector<Option> options;
  add_task_options(options);
  add_input_options(options, stream_);
  add_length_options(options, stream_);
  add_tokenizer_option(options, model_);
  add_model_options(options, model_);
  return options;
}

std::vector<Record> TaskCommand::operand_records(const std::vector<std::string>& texts) const {
  return make_argument_records(main_field(), texts);
}

int TaskCommand::run(const Arguments& arguments) {
  check_options();
  apply(model_);
  Console console(stream_.quiet);
  StreamSource source = choose_source(stream_, operand_records(arguments.texts), main_field());
  const auto runtime = tasks::Runtime::load(arguments.model,
                                            {.max_length = static_cast<std::size_t>(stream_.max_length),
                                             .truncation = stream_.truncation,
                                             .batch_tokens = static_cast<std::size_t>(stream_.batch_tokens)},
                                            {.tokenizer_folder = tokenizer_folder(arguments.model, model_),
                                             .tokenizer_mode = model_.tokenizer_mode,
                                             .model = model_.load});
  for (const std::string& warning : runtime.model().report().warnings) console.warn(warning);
  Output output(stream_.output);
  const Process process = make_process(runtime, output);
  const int status = run_stream(std::move(source), stream_, console, output, process);
  finish(output, console);
  output.close();
  return status;
}

std::string with_id(const Record& record, const std::function<void(JsonWriter&)>& write) {
  std::string line;
  JsonWriter json(line);
  const std::string id = record.id_json();
  if (id.empty()) {
    write(json);
  } else {
    json.begin_object().key("id").raw(id).key("output");
    write(json);
    json.end_object();
  }
  return line;
}

}  // namespace berta::cli
