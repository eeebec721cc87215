"""Reading the risk matrix, both ways."""

from sealwatch.risk.policy import Level, Matrix

CERTAIN = 1.0


def level_at(p: float, severity: int, matrix: Matrix) -> Level:
    """Return the cell; a probability equal to a bound is not above it, and none is rounded."""
    row = 0
    for bound in matrix.bounds:
        if p > bound:
            break
        row += 1
    return matrix.rows[row][severity - 1]


def beginning_of(level: Level, severity: int, matrix: Matrix) -> float:
    """Return the probability above which ``level`` or a graver one begins; 1 if it never does."""
    if matrix.rows[-1][severity - 1] >= level:
        return 0.0
    pairs = zip(matrix.bounds, matrix.rows, strict=False)
    return min((bound for bound, row in pairs if row[severity - 1] >= level), default=CERTAIN)
