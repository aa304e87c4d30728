#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "report/named_value.h"

namespace berta::report {

// The messages of TensorBoard's event.proto, serialised. `wall_time`: seconds since 1970.

/// The first event of each file.
std::string version_event(double wall_time);

/// The start of a session at `step`: readers forget events of that and later steps that files before this one
/// hold. TensorBoard takes the first start that it sees in a folder for no restart, so the first file needs
/// one too.
std::string start_event(double wall_time, std::int64_t step);

/// One number a tag, as `simple_value` (a float: doubles beyond its range become infinite).
std::string scalars_event(double wall_time, std::int64_t step, std::span<const NamedValue> values);

/// A text for the text plugin, which shows it as Markdown.
std::string text_event(double wall_time, std::int64_t step, const std::string& tag,
                       std::string_view markdown);

/// A record of TFRecord: length, masked CRC-32C of the length, `payload`, masked CRC-32C of the payload.
std::string framed(std::string_view payload);

}  // namespace berta::report
