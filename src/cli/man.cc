#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"

namespace berta::cli {
namespace {

/// Text for troff: backslashes, hyphens and leading dots are no commands.
std::string troff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string man_command(Command& command) {
  const CommandText text = command.text();
  std::string out =
      fmt::format(".SS berta {} {}\n{}.\n", troff(text.name), troff(text.operands), troff(text.summary));
  if (!text.details.empty()) out += ".PP\n" + troff(text.details) + "\n";
  for (const Option& option : command.options()) {
    out += fmt::format(".TP\n\\fB{}\\fR {}\n{}", troff(option.name), troff(option.value), troff(option.help));
    out += option.preset.empty() ? "\n" : fmt::format(" [{}]\n", troff(option.preset));
  }
  return out + ".PP\n.nf\n" + troff(text.example) + "\n.fi\n";
}

std::string manual_page() {
  std::string out = fmt::format(
      ".TH BERTA 1 \"\" \"berta {}\"\n.SH NAME\nberta \\- runs DeBERTa models\n.SH SYNOPSIS\n"
      "\\fBberta\\fR COMMAND MODEL [TEXT...] [\\-\\-input FILE] [\\-\\-output FILE] [OPTIONS]\n.SH "
      "DESCRIPTION\n"
      "MODEL is a folder as transformers writes it, or Microsoft's native form. Results are JSON lines on "
      "standard\n"
      "output in the order of the input; messages go to standard error. Every option can also be set by an\n"
      "environment variable: \\-\\-max\\-length by BERTA_MAX_LENGTH.\n.SH COMMANDS\n",
      version());
  for (const CommandEntry& entry : all_commands()) out += man_command(*entry.make());
  return out +
         ".SH EXIT STATUS\n0 done, 1 bad input, 2 bad usage, 70 a bug of Berta; 130 and 143 by Ctrl\\-C and "
         "SIGTERM.\n";
}

std::string markdown_command(Command& command) {
  const CommandText text = command.text();
  std::string out =
      fmt::format("\n## berta {}\n\n`berta {} {}`: {}.\n", text.name, text.name, text.operands, text.summary);
  if (!text.details.empty()) out += "\n" + text.details + "\n";
  out += "\n```\n";
  for (std::size_t begin = 0; begin < text.example.size();) {
    const std::size_t end = std::min(text.example.find('\n', begin), text.example.size());
    const std::string line = text.example.substr(begin, end - begin);
    out += (line.starts_with("  ") ? line.substr(2) : line) + "\n";
    begin = end + 1;
  }
  out += "```\n";
  const auto options = command.options();
  if (options.empty()) return out;
  out += "\n| option | value | default | |\n|---|---|---|---|\n";
  for (const Option& option : options) {
    std::string value;
    for (const char c : option.value) value += c == '|' ? std::string("\\|") : std::string(1, c);
    out += fmt::format("| `{}` | {} | {} | {} |\n", option.name, value, option.preset, option.help);
  }
  return out;
}

std::string markdown() {
  std::string out =
      "# Commands\n\nMade by `berta man --markdown`. Every option can also be set by an environment "
      "variable: "
      "`--max-length` by `BERTA_MAX_LENGTH`.\n";
  for (const CommandEntry& entry : all_commands()) out += markdown_command(*entry.make());
  return out;
}

class Man final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "man",
        .summary = "the manual page",
        .operands = "",
        .details = "",
        .example = "  berta man | man -l -",
    };
  }
  std::vector<Option> options() override {
    return {make_switch({"--markdown", "", "the same as Markdown"}, markdown_)};
  }
  int run(const Arguments&) override {
    Output("").write(markdown_ ? markdown() : manual_page());
    return kDone;
  }

 private:
  bool markdown_ = false;
};

}  // namespace

std::unique_ptr<Command> make_man() {
  return std::make_unique<Man>();
}

}  // namespace berta::cli
