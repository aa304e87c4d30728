#pragma once

#include <string>
#include <string_view>

#include "io/json.h"

namespace berta::tasks::testing {

/// The value as JSON text.
std::string dump(const io::Json& json);

/// `base` with the members of `changes` in place of its own.
io::Json merged(const io::Json& base, const io::Json& changes);

/// Where and how two values differ; empty if they do not. Numbers that are not both integers may differ by
/// 1e-5, relative above 1; members of objects may stand in any order.
std::string difference(const io::Json& expected, const io::Json& actual, const std::string& where = "");

/// Makers.
io::Json integer(std::size_t value);
io::Json number(double value);
io::Json text(std::string value);
io::Json object(std::initializer_list<std::pair<const char*, io::Json>> members);

}  // namespace berta::tasks::testing
