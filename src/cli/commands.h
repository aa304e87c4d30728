#pragma once

#include <memory>

#include "cli/command.h"

namespace berta::cli {

// Each in the file of its name.
std::unique_ptr<Command> make_bench();
std::unique_ptr<Command> make_classify();
std::unique_ptr<Command> make_completion();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_embed();
std::unique_ptr<Command> make_encode();
std::unique_ptr<Command> make_fill_mask();
std::unique_ptr<Command> make_finetune();
std::unique_ptr<Command> make_inspect();
std::unique_ptr<Command> make_man();
std::unique_ptr<Command> make_ner();
std::unique_ptr<Command> make_pretrain();
std::unique_ptr<Command> make_qa();
std::unique_ptr<Command> make_quantize();
std::unique_ptr<Command> make_rerank();
std::unique_ptr<Command> make_rtd();
std::unique_ptr<Command> make_tokenize();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_zero_shot();

}  // namespace berta::cli
