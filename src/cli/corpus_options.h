#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "corpus/corpus_facts.h"

namespace berta::cli {

/// --input, --format, --column.
void add_text_input_options(std::vector<Option>& options, std::vector<std::string>& inputs,
                            corpus::TextFormat& format, std::string& column);

/// Files that are operands, and those of --input behind them. Throws UsageError for none.
std::vector<std::string> all_inputs(const std::vector<std::string>& inputs, const Arguments& arguments);

}  // namespace berta::cli
