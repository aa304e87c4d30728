#include "cli/commands.h"

#include <array>

namespace berta::cli {

std::span<const CommandEntry> all_commands() {
  static constexpr std::array kCommands = {
      CommandEntry{"encode", make_encode},   CommandEntry{"tokenize", make_tokenize},
      CommandEntry{"inspect", make_inspect}, CommandEntry{"verify", make_verify},
      CommandEntry{"doctor", make_doctor},
  };
  return kCommands;
}

}  // namespace berta::cli
