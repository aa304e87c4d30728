#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "../io/temporary.h"

namespace berta::wordvec::testing {

using io::error_of;
using io::TemporaryFolder;

/// Adds a member to a gzip file; its path.
inline std::string append_gzip(const TemporaryFolder& folder, const std::string& name,
                               const std::string& text) {
  gzFile file = gzopen(folder.file(name).c_str(), "ab");
  EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  EXPECT_EQ(gzclose(file), Z_OK);
  return folder.file(name);
}

}  // namespace berta::wordvec::testing
