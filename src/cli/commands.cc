#include "cli/commands.h"

#include <array>

#include "cli/corpus_commands.h"
#include "cli/wordvec_commands.h"

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
      CommandEntry{"finetune", make_finetune},
      CommandEntry{"pretrain", make_pretrain},
      CommandEntry{"doctor", make_doctor},
      CommandEntry{"bench", make_bench},
      CommandEntry{"wordvec train", make_wordvec_train},
      CommandEntry{"wordvec eval", make_wordvec_eval},
      CommandEntry{"wordvec nn", make_wordvec_nn},
      CommandEntry{"wordvec analogy", make_wordvec_analogy},
      CommandEntry{"wordvec plot", make_wordvec_plot},
      CommandEntry{"wordvec features", make_wordvec_features},
      CommandEntry{"wordvec probe", make_wordvec_probe},
      CommandEntry{"wordvec export", make_wordvec_export},
      CommandEntry{"corpus prepare", make_corpus_prepare},
      CommandEntry{"corpus check", make_corpus_check},
      CommandEntry{"tokenizer train", make_tokenizer_train},
      CommandEntry{"completion", make_completion},
      CommandEntry{"man", make_man},
  };
  return kCommands;
}

const CommandGroup* find_group(std::string_view name) {
  static constexpr std::array kGroups = {
      CommandGroup{"wordvec", "word vectors: train, evaluate, look at and use them"},
      CommandGroup{"corpus", "texts as token ids, for pretraining"},
      CommandGroup{"tokenizer", "tokenizers of one's own"},
  };
  for (const CommandGroup& group : kGroups) {
    if (name == group.name) return &group;
  }
  return nullptr;
}

std::string_view group_of(std::string_view command) {
  const std::size_t blank = command.find(' ');
  return blank == std::string_view::npos ? std::string_view() : command.substr(0, blank);
}

}  // namespace berta::cli
