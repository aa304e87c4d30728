#include <fmt/format.h>

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/signals.h"

namespace berta::cli {
namespace {

void print(const std::string& text) {
  Output("").write(text);
}

std::unique_ptr<Command> find_command(const std::string& name) {
  std::vector<std::string> names;
  for (const CommandEntry& entry : all_commands()) {
    if (name == entry.name) return entry.make();
    names.emplace_back(entry.name);
  }
  const std::string close = closest(name, names);
  throw UsageError(fmt::format("unknown command '{}'{}; see berta --help", name,
                               close.empty() ? "" : fmt::format("; did you mean {}?", close)));
}

int run_command(std::span<const char* const> words) {
  const auto command = find_command(words[0]);
  const CommandText text = command->text();
  const std::vector<Option> options = command->options();
  for (const std::string_view word : words.subspan(1)) {
    if (word == "--") break;
    if (word != "--help" && word != "-h") continue;
    print(help_command(text, options));
    return kDone;
  }
  try {
    return command->run(parse_arguments(text, options, words.subspan(1)));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}: {} (see berta {} --help)", text.name, error.what(), text.name));
  }
}

int dispatch(std::span<const char* const> words) {
  if (words.empty()) throw UsageError("expected a command; see berta --help");
  const std::string_view first = words[0];
  if (first == "--version" || first == "-V") {
    print("berta " + version() + "\n");
    return kDone;
  }
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) {
    print(help_all());
    return kDone;
  }
  if (first == "help") {
    const auto command = find_command(words[1]);
    print(help_command(command->text(), command->options()));
    return kDone;
  }
  return run_command(words);
}

int fail(std::string_view message, int status) {
  print_error(message);
  return status;
}

int guarded(std::span<const char* const> words) {
  try {
    return dispatch(words);
  } catch (const PipeClosed&) {
    return 128 + 13;  // as if SIGPIPE had ended us
  } catch (const UsageError& error) {
    return fail(error.what(), kBadUsage);
  } catch (const InternalError& error) {
    return fail(fmt::format("{}; this is a bug of Berta {}, please report it", error.what(), version()),
                kOurBug);
  } catch (const Error& error) {
    return fail(error.what(), kBadInput);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kBadInput);
  } catch (const std::exception& error) {
    return fail(
        fmt::format("unexpected: {}; this is a bug of Berta {}, please report it", error.what(), version()),
        kOurBug);
  }
}

}  // namespace
}  // namespace berta::cli

int main(int count, char** words) {
  berta::cli::install_signal_handlers();
  const std::vector<const char*> list(words + (count > 0 ? 1 : 0), words + count);
  return berta::cli::guarded(list);
}
