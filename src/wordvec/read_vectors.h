#pragma once

#include <string>

#include "wordvec/vectors_file.h"

namespace berta::wordvec {

// The readers behind read_vectors(), which see. All throw UserError.

/// By the first bytes. Text is text with a first line of counts or not: its reader finds out.
VectorFormat detect_format(const std::string& path);

WordVectors read_text_vectors(const std::string& path);
WordVectors read_binary_vectors(const std::string& path);
WordVectors read_tensor_vectors(const std::string& path);

}  // namespace berta::wordvec
