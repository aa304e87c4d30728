"""Fits the polynomial of the rough gelu in src/kernels/math-inl.h: u Phi(-u) ~ u Q(u), 0 <= u <= END, where
gelu(x) = max(x, 0) - |x| Phi(-|x|). Beyond END the value there stands.

Weighted least squares with Lawson's re-weighting (so close to minimax in absolute error); prints the coefficients,
lowest power first, and the largest error over all x in double. In float32 cancellation adds up to 2e-5.
Usage: fit_gelu.py [DEGREE [END]]          needs numpy and scipy
"""
import sys

import numpy as np
from scipy.special import erfc

def target(u):
    return u * 0.5 * erfc(u / np.sqrt(2))


def fit(degree, end, rounds=300):
    u = end / 2 * (1 - np.cos(np.pi * (np.arange(4001) + 0.5) / 4001))
    wanted = target(u)
    matrix = u[:, None] * np.vander(u, degree + 1, increasing=True)
    weight = np.ones_like(u)
    for _ in range(rounds):
        solution = np.linalg.lstsq(matrix * weight[:, None], wanted * weight, rcond=None)[0]
        error = np.abs(matrix @ solution - wanted)
        weight *= (error / error.max() + 1e-3) ** 0.3
        weight /= weight.max()
    return solution


def largest_error(solution, end):
    u = np.linspace(0, 12, 400001)
    cut = np.minimum(u, end)
    value = np.zeros_like(u)
    for c in solution[::-1]:
        value = value * cut + c
    return np.abs(value * cut - target(u)).max()


def main():
    degree = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    end = float(sys.argv[2]) if len(sys.argv) > 2 else 4.2
    solution = fit(degree, end)
    print(", ".join(f"{c:.9g}f" for c in solution))
    print(f"largest error: {largest_error(solution, end):.2e}")


main()
