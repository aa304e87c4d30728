#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"

namespace berta::cli {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandEntry& entry : all_commands()) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> option_names(std::span<const Option> options) {
  std::vector<std::string> names{"--help"};
  for (const Option& option : options) names.push_back(option.name);
  return names;
}

/// For bash, and for zsh through bashcompinit.
std::string bash() {
  std::string out =
      "_berta() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  out += fmt::format(
      "    COMPREPLY=($(compgen -W \"{} help --help --version\" -- \"$word\"))\n    return\n  fi\n",
      join(command_names()));
  out += "  local options\n  case ${COMP_WORDS[1]} in\n";
  for (const CommandEntry& entry : all_commands()) {
    const auto command = entry.make();
    const auto options = command->options();
    out += fmt::format("    {})\n      options=\"{}\"\n      case $before in\n", entry.name,
                       join(option_names(options)));
    for (const Option& option : options) {
      if (option.choices.empty()) continue;
      out += fmt::format("        {}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n",
                         option.name, join(option.choices));
    }
    out += "      esac ;;\n";
  }
  return out +
         "  esac\n"
         "  case $word in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _berta berta\n";
}

std::string zsh() {
  return "autoload -U +X bashcompinit && bashcompinit\n" + bash();
}

/// In single quotes of fish.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish() {
  std::string out;
  for (const CommandEntry& entry : all_commands()) {
    const auto command = entry.make();
    out += fmt::format("complete -c berta -n __fish_use_subcommand -f -a {} -d {}\n", entry.name,
                       fish_quoted(command->text().summary));
    for (const Option& option : command->options()) {
      out += fmt::format("complete -c berta -n '__fish_seen_subcommand_from {}' -l {} -d {}", entry.name,
                         option.name.substr(2), fish_quoted(option.help));
      if (!option.value.empty())
        out += option.choices.empty() ? " -r" : " -x -a " + fish_quoted(join(option.choices));
      out += "\n";
    }
  }
  return out;
}

class Completion final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "completion",
        .summary = "completion of commands and options for a shell",
        .operands = "bash|zsh|fish",
        .details = "",
        .example = "  source <(berta completion bash)",
    };
  }
  std::vector<Option> options() override { return {}; }
  int run(const Arguments& arguments) override {
    const std::string& shell = arguments.model;
    if (shell != "bash" && shell != "zsh" && shell != "fish") {
      throw UsageError("expected bash, zsh or fish, found '" + shell + "'");
    }
    Output("").write(shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish());
    return kDone;
  }
};

}  // namespace

std::unique_ptr<Command> make_completion() {
  return std::make_unique<Completion>();
}

}  // namespace berta::cli
