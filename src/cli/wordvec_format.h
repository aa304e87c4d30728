#pragma once

#include <optional>

#include "cli/option.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {

/// --format of a vectors file; nothing: by the end of its name.
inline Option make_vector_format_option(std::optional<wordvec::VectorFormat>& target) {
  using Format = std::optional<wordvec::VectorFormat>;
  using enum wordvec::VectorFormat;
  return make_choice<Format>("--format", "of the output; auto: binary for .bin, .safetensors, else text",
                             target,
                             {{"auto", std::nullopt},
                              {"text", text},
                              {"text-no-header", text_no_header},
                              {"binary", word2vec_binary},
                              {"safetensors", safetensors}});
}

}  // namespace berta::cli
