"""Between which deviations depth scales are fitted. Importable without torch."""

FIT = (1e-11, 1e-5)
NEAR_EDGE_FIT = (1e-11, 1e-6)  # of the growth and decay of 1 - c next to the edge
