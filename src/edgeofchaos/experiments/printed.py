"""The paper's table of edge points of Swish as it is printed. Importable without torch."""

from dataclasses import dataclass

CONFIRMED = "confirmed: public code of several authors that cites the paper uses it"
RECALLED = "quoted from memory, unconfirmed"


@dataclass(frozen=True)
class PrintedPoint:
    """One row of the table: sigma_w is printed to three decimals, q to two."""

    sigma_b: float
    sigma_w: float
    q: float
    provenance: str


PRINTED = (
    PrintedPoint(0.1, 1.845, 0.14, RECALLED),
    PrintedPoint(0.2, 1.718, 0.44, CONFIRMED),
    PrintedPoint(0.3, 1.616, 0.61, RECALLED),
    PrintedPoint(0.4, 1.537, 1.01, RECALLED),
    PrintedPoint(0.5, 1.485, 2.13, RECALLED),
)
SIGMA_W_ROUNDING, Q_ROUNDING = 0.0005, 0.005  # half of the last digit
