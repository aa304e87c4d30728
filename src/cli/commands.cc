#include "cli/commands.h"

#include <array>

namespace berta::cli {

std::span<const CommandEntry> all_commands() {
  static constexpr std::array kCommands = {
      CommandEntry{"classify", make_classify},
      CommandEntry{"ner", make_ner},
      CommandEntry{"qa", make_qa},
      CommandEntry{"zero-shot", make_zero_shot},
      CommandEntry{"rerank", make_rerank},
      CommandEntry{"fill-mask", make_fill_mask},
      CommandEntry{"rtd", make_rtd},
      CommandEntry{"embed", make_embed},
      CommandEntry{"encode", make_encode},
      CommandEntry{"tokenize", make_tokenize},
      CommandEntry{"inspect", make_inspect},
      CommandEntry{"verify", make_verify},
      CommandEntry{"quantize", make_quantize},
      CommandEntry{"doctor", make_doctor},
      CommandEntry{"bench", make_bench},
      CommandEntry{"completion", make_completion},
      CommandEntry{"man", make_man},
  };
  return kCommands;
}

}  // namespace berta::cli
