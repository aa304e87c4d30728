#pragma once

#include <span>
#include <string>

namespace berta::report {

/// The arguments as one line that a shell reads as the same arguments: quoted where they must be, control
/// characters as $'\n' (bash, zsh, ksh).
std::string command_line(std::span<const std::string> arguments);

}  // namespace berta::report
