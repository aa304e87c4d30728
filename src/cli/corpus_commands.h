#pragma once

#include <memory>

#include "cli/command.h"

namespace berta::cli {

// The commands of the groups corpus and tokenizer, each in the file of its name.
std::unique_ptr<Command> make_corpus_check();
std::unique_ptr<Command> make_corpus_prepare();
std::unique_ptr<Command> make_tokenizer_train();

}  // namespace berta::cli
