#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/line_reader.h"

namespace berta::wordvec {

/// The lines of a file, which may be gzipped. Throws UserError "PATH: cannot open: ...".
io::LineReader open_lines(const std::string& path);

/// The parts of `line` between bytes of `separators`; empty parts are left out.
std::vector<std::string_view> parts_of(std::string_view line, std::string_view separators);

}  // namespace berta::wordvec
