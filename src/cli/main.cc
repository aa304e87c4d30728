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

/// The name that the words begin with: two of them in a group, as "wordvec train".
std::string name_of(std::span<const char* const> words) {
  const std::string first = words[0];
  const bool grouped = find_group(first) != nullptr && words.size() > 1 && words[1][0] != '-';
  return grouped ? first + " " + words[1] : first;
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

int run_command(std::span<const char* const> all_words) {
  const std::string name = name_of(all_words);
  if (const CommandGroup* group = find_group(name)) {
    if (all_words.size() == 1)
      throw UsageError(fmt::format("expected a command of {0}; see berta {0} --help", name));
    print(help_group(*group));
    return kDone;
  }
  const auto command = find_command(name);
  const auto words = all_words.subspan(name.find(' ') == std::string::npos ? 1 : 2);
  const CommandText text = command->text();
  const std::vector<Option> options = command->options();
  for (const std::string_view word : words) {
    if (word == "--") break;
    if (word != "--help" && word != "-h") continue;
    print(help_command(text, options));
    return kDone;
  }
  try {
    return command->run(parse_arguments(text, options, words));
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
    const std::string name = name_of(words.subspan(1));
    if (const CommandGroup* group = find_group(name)) {
      print(help_group(*group));
    } else {
      const auto command = find_command(name);
      print(help_command(command->text(), command->options()));
    }
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
