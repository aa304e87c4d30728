"""Fits the polynomials of src/kernels/math-inl.h: 2^f for |f| <= 1/2.

Weighted least squares with Lawson's re-weighting (so close to minimax in relative error); prints the
coefficients, lowest power first, and the largest relative error in double.
Usage: fit_exp2.py [DEGREE]          needs numpy
"""
import sys

import numpy as np


def fit(degree, rounds=200):
    f = np.cos(np.linspace(0, np.pi, 4001)) / 2
    matrix = f[:, None] ** np.arange(degree + 1) / np.exp2(f)[:, None]
    weight = np.ones_like(f)
    for _ in range(rounds):
        root = np.sqrt(weight)
        solution = np.linalg.lstsq(matrix * root[:, None], root, rcond=None)[0]
        error = np.abs(matrix @ solution - 1)
        weight *= error / error.mean() + 1e-3
        weight /= weight.mean()
    return solution, error.max()


if __name__ == "__main__":
    coefficients, worst = fit(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
    print(", ".join(f"{c:.9g}f" for c in coefficients))
    print(f"largest relative error: {worst:.2e}")
