#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace berta::cli {

/// `berta --help`.
std::string help_all();
/// `berta GROUP --help`.
std::string help_group(const CommandGroup& group);
/// `berta COMMAND --help`.
std::string help_command(const CommandText& text, std::span<const Option> options);

/// "1.2.3" of this build.
std::string version();

/// `text` in lines of at most `width` columns, each behind `indent` spaces; the first stands behind `first`.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent, std::string_view first);

}  // namespace berta::cli
