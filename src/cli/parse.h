#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace berta::cli {

/// Sets a command's options from the command line (`--name value`, `--name=value`, `--` ends the options)
/// and, where they are not given there, from the environment. Returns the operands. Throws UsageError.
Arguments parse_arguments(const CommandText& text, std::span<const Option> options,
                          std::span<const char* const> words);

/// The known word that differs from `word` in at most two letters, for "did you mean"; or empty.
std::string closest(const std::string& word, std::span<const std::string> known);

}  // namespace berta::cli
