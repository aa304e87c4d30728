#pragma once

#include <cstdint>
#include <string>

namespace berta::report {

// Numbers for people, in progress lines and reports. Each gives "-" for what is not finite.

/// "350ms", "12.3s", "4m 07s", "1h 02m", "3d 04h"; rounded, so 59.96 s is "1m 00s". Negative: "-" before it.
std::string duration_text(double seconds);

/// Three significant digits: "999", "12.3 k", "1.23 M", up to "T"; whole numbers below 1000 as they are.
std::string count_text(double count);

/// "512 B", "1.50 KiB", "12.3 GiB".
std::string bytes_text(double bytes);

/// A measured value, five significant digits: "0.87312", "2e-05"; "NaN", "inf" and "-inf" as they are.
std::string value_text(double value);

}  // namespace berta::report
