#pragma once

#include <cmath>
#include <span>

namespace berta::test {

/// Q(a, x), the upper regularised incomplete gamma function: its series below a + 1, Lentz's continued
/// fraction above.
inline double upper_gamma(double a, double x) {
  if (x <= 0) return 1;
  const double front = std::exp(-x + a * std::log(x) - std::lgamma(a));
  constexpr double kSmall = 1e-15;
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; term > sum * kSmall; ++n) sum += term *= x / n;
    return 1 - front * sum;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
  for (double i = 1; i < 10000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    fraction *= d * c;
    if (std::abs(d * c - 1) < kSmall) break;
  }
  return front * fraction;
}

/// The probability of a chi-square as large as this by chance.
inline double chi_square_p(double chi_square, double degrees) {
  return upper_gamma(degrees / 2, chi_square / 2);
}

/// That of these counts where these were expected, whose sum is the same.
inline double p_of_counts(std::span<const double> counts, std::span<const double> expected) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  }
  return chi_square_p(sum, static_cast<double>(counts.size() - 1));
}

/// That of two samples' counts under one law: a table of two rows.
inline double p_of_two_samples(std::span<const double> first, std::span<const double> second) {
  double total_first = 0, total_second = 0, sum = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    total_first += first[i];
    total_second += second[i];
  }
  const double total = total_first + total_second;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double share = (first[i] + second[i]) / total;
    const double a = first[i] - share * total_first, b = second[i] - share * total_second;
    sum += a * a / (share * total_first) + b * b / (share * total_second);
  }
  return chi_square_p(sum, static_cast<double>(first.size() - 1));
}

}  // namespace berta::test
