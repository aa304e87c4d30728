#pragma once

#include <memory>

#include "cli/command.h"

namespace berta::cli {

// The commands of the group wordvec, each in the file of its name.
std::unique_ptr<Command> make_wordvec_analogy();
std::unique_ptr<Command> make_wordvec_eval();
std::unique_ptr<Command> make_wordvec_export();
std::unique_ptr<Command> make_wordvec_features();
std::unique_ptr<Command> make_wordvec_nn();
std::unique_ptr<Command> make_wordvec_plot();
std::unique_ptr<Command> make_wordvec_probe();
std::unique_ptr<Command> make_wordvec_train();

}  // namespace berta::cli
