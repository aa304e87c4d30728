#pragma once

#include <string>
#include <string_view>

namespace berta::io {

/// "FOLDER/NAME".
std::string join(std::string_view folder, std::string_view name);

/// The folder that holds the file: "." for a bare name, "/" for the root's.
std::string parent_of(std::string_view path);

/// True for a regular file (or a link to one) and for a folder (or a link to one).
bool is_file(const std::string& path);
bool is_folder(const std::string& path);

/// True for a name that stays in its folder: not empty, no separator, no zero byte, neither "." nor "..".
bool is_plain_name(std::string_view name);

}  // namespace berta::io
