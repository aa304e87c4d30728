#pragma once

#include <string_view>

namespace berta::report {

/// The style sheet of reports, for a <style> element.
std::string_view html_style();

}  // namespace berta::report
