#include "cli/help.h"

#include <fmt/format.h>

namespace berta::cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kIndent = 32;

std::string help_option(const Option& option) {
  std::string left = "  " + option.name + (option.value.empty() ? "" : " " + option.value);
  std::string help = option.help;
  if (!option.preset.empty()) help += fmt::format(" [{}]", option.preset);
  std::string out;
  if (left.size() + 2 > kIndent) {
    out = left + "\n";
    left.clear();
  }
  left.resize(kIndent, ' ');
  return out + wrap(help, kWidth, kIndent, left);
}

}  // namespace

std::string version() {
  return BERTA_VERSION;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent, std::string_view first) {
  std::string out(first);
  std::size_t column = first.size();
  bool fresh = true;  // nothing stands in this line yet
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!fresh && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      fresh = true;
    }
    if (!fresh) out += ' ';
    out += word;
    column += word.size() + (fresh ? 0 : 1);
    fresh = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

std::string help_all() {
  std::string out =
      "Berta runs DeBERTa models.\n\n"
      "  berta COMMAND MODEL [TEXT...] [--input FILE] [--output FILE] [OPTIONS]\n\n"
      "MODEL is a folder as transformers writes it, or Microsoft's native form. Results are JSON lines on\n"
      "standard output, messages go to standard error.\n\nCommands:\n";
  std::string_view before;
  for (const CommandEntry& entry : all_commands()) {
    const std::string_view name = group_of(entry.name);
    if (name.empty()) {
      out += fmt::format("  {:<12}{}\n", entry.name, entry.make()->text().summary);
    } else if (name != before) {
      out += fmt::format("  {:<12}{}\n", name, find_group(name)->summary);
    }
    before = name;
  }
  out +=
      "\n  berta COMMAND --help        options of a command, with an example\n"
      "  berta --version             version\n"
      "  berta completion SHELL      completion for bash, zsh or fish\n"
      "  berta man                   this as a manual page: berta man | man -l -\n\n"
      "Every option can also be set by an environment variable: --max-length by BERTA_MAX_LENGTH.\n"
      "Exit status: 0 done (--on-error skip counts what it leaves out on standard error), 1 bad input, 2 "
      "bad\n"
      "usage, 70 a bug of Berta; 130 and 143 by Ctrl-C and SIGTERM.\n";
  return out;
}

std::string help_group(const CommandGroup& group) {
  std::string out =
      fmt::format("berta {0} - {1}\n\n  berta {0} COMMAND ...\n\nCommands:\n", group.name, group.summary);
  for (const CommandEntry& entry : all_commands()) {
    if (group_of(entry.name) != group.name) continue;
    out += fmt::format("  {:<20}{}\n", entry.name, entry.make()->text().summary);
  }
  return out +
         fmt::format("\n  berta {} COMMAND --help   options of a command, with an example\n", group.name);
}

std::string help_command(const CommandText& text, std::span<const Option> options) {
  std::string out = fmt::format("berta {} - {}\n\n  berta {} {} [OPTIONS]\n\n", text.name, text.summary,
                                text.name, text.operands);
  if (!text.details.empty()) out += text.details + "\n\n";
  if (!options.empty()) {
    out += "Options:\n";
    for (const Option& option : options) out += help_option(option);
    out += "\n";
  }
  return out + "Example:\n" + text.example + "\n";
}

}  // namespace berta::cli
