"""Fits the polynomial of src/kernels/math-inl.h: erfc(x) ~ exp(-x^2) t P(t), t = 1 / (1 + p x), x >= 0.

Weighted least squares with Lawson's re-weighting (so close to minimax in absolute error of erf); prints the
coefficients, lowest power first, and the largest error in double and when evaluated in float32.
Usage: fit_erf.py [DEGREE]          needs numpy and scipy
"""
import sys

import numpy as np
from scipy.special import erfc

P = 0.3275911  # any value near 1/3 does; this one is Hastings'


def design(x, degree):
    t = 1 / (1 + P * x)
    return np.exp(-x * x)[:, None] * t[:, None] ** np.arange(1, degree + 2)


def fit(degree, rounds=200):
    x = np.concatenate([np.linspace(0, 6, 6001), np.cos(np.linspace(0, np.pi, 2001)) * 3 + 3])
    matrix, target = design(x, degree), erfc(x)
    weight = np.ones_like(x)
    for _ in range(rounds):
        root = np.sqrt(weight)[:, None]
        solution = np.linalg.lstsq(matrix * root, target * root[:, 0], rcond=None)[0]
        error = np.abs(matrix @ solution - target)
        weight *= error / error.mean() + 1e-3
        weight /= weight.mean()
    return solution, error.max()


def float_error(solution):
    x = np.linspace(0, 6, 200001).astype(np.float32)
    t = (np.float32(1) / (np.float32(1) + np.float32(P) * x)).astype(np.float32)
    value = np.zeros_like(x)
    for c in solution[::-1].astype(np.float32):
        value = value * t + c
    approx = np.exp(-(x * x)) * (value * t)
    return np.abs(approx.astype(np.float64) - erfc(x.astype(np.float64))).max()


if __name__ == "__main__":
    degree = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    coefficients, worst = fit(degree)
    print(", ".join(f"{c:.9g}f" for c in coefficients))
    print(f"largest error of erf: {worst:.2e} in double, {float_error(coefficients):.2e} in float32")
