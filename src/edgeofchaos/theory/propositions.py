"""The conditions that the paper prints with its propositions. Importable without NumPy."""

# Those that the paper prints with each proposition; what else is looked at is ours.
PRINTED = {
    4: {
        "(i) phi(0) = 0", "(i) a one-sided slope at 0 is not 0", "(i) |phi(x)/x| <= K",
        "(ii) an edge for small sigma_b", "(iii) F is non-decreasing", "(iii) q -> 0",
        "(iv) f is convex on [0, 1]",
    },
    5: {
        "bounded", "odd", "phi'(0) > 0", "phi' >= 0", "x phi(x) > 0", "x phi''(x) < 0",
        "(ii) an edge for small sigma_b",
    },
    7: {"bounded", "E[phi'(xZ)^2] >= C |x|^(-2 beta), 0 < beta < 1"},
}  # fmt: skip
