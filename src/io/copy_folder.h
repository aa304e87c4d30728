#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace berta::io {

/// Copies the files of a folder, and of the folders in it (no deeper), whose names `wanted` accepts; links
/// are followed to files, never to folders. Existing files are replaced, each at once. Creates `to`, but not
/// the folder that it is in. Throws UserError naming the file.
void copy_folder(const std::string& from, const std::string& to,
                 const std::function<bool(std::string_view name)>& wanted);

}  // namespace berta::io
