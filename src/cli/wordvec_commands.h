#pragma once

#include <memory>

#include "cli/command.h"

namespace berta::cli {

// What is done with word vectors that are there; each in the file of its name.
std::unique_ptr<Command> make_wordvec_analogy();
std::unique_ptr<Command> make_wordvec_eval();
std::unique_ptr<Command> make_wordvec_features();
std::unique_ptr<Command> make_wordvec_nn();
std::unique_ptr<Command> make_wordvec_plot();
std::unique_ptr<Command> make_wordvec_probe();

}  // namespace berta::cli
