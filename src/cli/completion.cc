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

/// What may stand first: commands and groups.
std::vector<std::string> first_words() {
  std::vector<std::string> names;
  for (const CommandEntry& entry : all_commands()) {
    const std::string_view group = group_of(entry.name);
    if (group.empty() || names.back() != group) names.emplace_back(group.empty() ? entry.name : group);
  }
  return names;
}

/// What may stand behind a group.
std::vector<std::string> second_words(std::string_view group) {
  std::vector<std::string> names;
  for (const CommandEntry& entry : all_commands()) {
    if (group_of(entry.name) == group) names.emplace_back(entry.name + group.size() + 1);
  }
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
      join(first_words()));
  out += "  local options command=${COMP_WORDS[1]}\n  case $command in\n";
  for (const std::string& first : first_words()) {
    if (find_group(first) == nullptr) continue;
    out += fmt::format(
        "    {}) if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
        "        COMPREPLY=($(compgen -W \"{} --help\" -- \"$word\"))\n        return\n      fi\n"
        "      command=\"$command ${{COMP_WORDS[2]}}\" ;;\n",
        first, join(second_words(first)));
  }
  out += "  esac\n  case $command in\n";
  for (const CommandEntry& entry : all_commands()) {
    const auto command = entry.make();
    const auto options = command->options();
    out += fmt::format("    \"{}\")\n      options=\"{}\"\n      case $before in\n", entry.name,
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

/// fish's condition for the words of `command` on the line.
std::string fish_seen(std::string_view command) {
  const std::string_view group = group_of(command);
  if (group.empty()) return fmt::format("__fish_seen_subcommand_from {}", command);
  return fmt::format("__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}", group,
                     command.substr(group.size() + 1));
}

std::string fish() {
  std::string out;
  for (const std::string& first : first_words()) {
    if (const CommandGroup* group = find_group(first)) {
      out += fmt::format("complete -c berta -n __fish_use_subcommand -f -a {} -d {}\n", first,
                         fish_quoted(group->summary));
    }
  }
  for (const CommandEntry& entry : all_commands()) {
    const auto command = entry.make();
    const std::string_view group = group_of(entry.name);
    const std::string when = group.empty() ? "__fish_use_subcommand" : "'" + fish_seen(group) + "'";
    out += fmt::format("complete -c berta -n {} -f -a {} -d {}\n", when,
                       std::string_view(entry.name).substr(group.empty() ? 0 : group.size() + 1),
                       fish_quoted(command->text().summary));
    for (const Option& option : command->options()) {
      out += fmt::format("complete -c berta -n '{}' -l {} -d {}", fish_seen(entry.name),
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
