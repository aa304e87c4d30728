#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option.h"

namespace berta::cli {

/// What the help, the man page and the docs say of a command.
struct CommandText {
  std::string name;
  std::string summary;   ///< one line, no full stop
  std::string operands;  ///< "MODEL [TEXT...]"; what the parser accepts follows from it
  std::string details;   ///< paragraphs; may be empty
  std::string example;   ///< a command line, and below it what it prints
};

struct Arguments {
  std::string model;
  std::vector<std::string> texts;
};

/// A subcommand. options() binds to members, so an object serves one call.
class Command {
 public:
  virtual ~Command() = default;
  virtual CommandText text() const = 0;
  virtual std::vector<Option> options() = 0;
  /// The exit status. Throws UserError, UsageError.
  virtual int run(const Arguments& arguments) = 0;
};

struct CommandEntry {
  const char* name;
  std::unique_ptr<Command> (*make)();
};

/// All commands, in the order of the help. Those of a group, whose names have two words, follow one another.
std::span<const CommandEntry> all_commands();

/// Commands that belong together: `berta NAME COMMAND`.
struct CommandGroup {
  const char* name;
  const char* summary;
};
/// The group of that name, or null.
const CommandGroup* find_group(std::string_view name);
/// "wordvec" of "wordvec train"; empty for a command of its own.
std::string_view group_of(std::string_view command);

}  // namespace berta::cli
