"""Where the squares of reference pixels lie."""

import pytest

from gossan.case.reference import ACROSS, SIDE, _lattice
from gossan.io.scenes import TILE


@pytest.mark.parametrize("size", [40, 100, 512, 1100, 4096, 5490, 10980])
def test_no_square_lies_across_two_tiles(size: int) -> None:
    step = max(2 * SIDE, -(-size // (ACROSS * SIDE)) * SIDE)
    squares = _lattice((size, size), step)
    for part in (p for square in squares for p in square):
        assert part.start // TILE == (part.stop - 1) // TILE
        assert 0 < part.stop - part.start <= SIDE
    assert len({(r.start, c.start) for r, c in squares}) == len(squares)
    assert len(squares) >= (size // step) ** 2


def test_within_one_tile_they_stand_in_the_middles_of_their_fields() -> None:
    rows = {r.start for r, _ in _lattice((100, 100), 32)}
    assert rows == {8, 40, 72}
