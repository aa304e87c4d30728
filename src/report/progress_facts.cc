#include "report/progress_facts.h"

#include <fmt/format.h>

#include <cmath>
#include <span>

namespace berta::report {
namespace {

/// Three significant digits of a number below 1000.
std::string three_digits(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string scaled_text(double value, double base, std::span<const char* const> units) {
  if (!std::isfinite(value)) return "-";
  if (value < 0) return "-" + scaled_text(-value, base, units);
  std::size_t unit = 0;
  // What would be rounded to 1000 goes to the next unit. 1023 KiB have four digits: binary units only.
  while (value >= base - 0.5 && unit + 1 < units.size()) {
    value /= base;
    ++unit;
  }
  if (value >= 999.5e3) return fmt::format("{:.3g}{}", value, units[unit]);
  const bool whole = unit == 0 && value == std::floor(value);
  return (whole ? fmt::format("{:.0f}", value) : three_digits(value)) + units[unit];
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds < 0) return "-" + duration_text(-seconds);
  if (seconds < 0.9995) return fmt::format("{:.0f}ms", seconds * 1e3);
  if (seconds < 59.95) return fmt::format("{:.1f}s", seconds);
  const double whole = std::round(seconds);
  if (whole < 3600) return fmt::format("{:.0f}m {:02.0f}s", std::floor(whole / 60), std::fmod(whole, 60));
  const double minutes = std::round(seconds / 60);
  if (minutes < 24 * 60)
    return fmt::format("{:.0f}h {:02.0f}m", std::floor(minutes / 60), std::fmod(minutes, 60));
  const double hours = std::round(seconds / 3600);
  return fmt::format("{:.0f}d {:02.0f}h", std::floor(hours / 24), std::fmod(hours, 24));
}

std::string count_text(double count) {
  static constexpr const char* kUnits[] = {"", " k", " M", " G", " T"};
  return scaled_text(count, 1000, kUnits);
}

std::string bytes_text(double bytes) {
  static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
  return scaled_text(bytes, 1024, kUnits);
}

std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  return fmt::format("{:.5g}", value);
}

}  // namespace berta::report
