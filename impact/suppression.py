"""Suppression: the cells of the monitor's tables that are not shown, because they would reveal small numbers."""

from collections.abc import Iterable, Mapping, Sequence

FEWEST = 10


def suppressed[Cell](cells: Mapping[Cell, int], sums: Iterable[Sequence[Cell]]) -> set[Cell]:
    """Return the keys of the cells that must not be shown.

    `cells` maps keys to the number of profiles or clients, whichever is lower. `sums` are lists of keys whose first is,
    or at most is, the sum of the others, so all but one of them reveal the last. If a single cell of a sum is left out,
    or those left out are together fewer than FEWEST, the smallest other is left out as well.
    """
    hidden = {key for key, count in cells.items() if count < FEWEST}
    is_settled = False
    while not is_settled:
        is_settled = True
        for keys in sums:
            present = [key for key in keys if key in cells]
            out = [key for key in present if key in hidden]
            left = [key for key in present if key not in hidden]
            # What is out can be told if only one is, and narrowed down to few if those out are few together.
            if out and left and (len(out) == 1 or sum(cells[key] for key in out) < FEWEST):
                hidden.add(min(left, key=lambda key: (key == keys[0], cells[key], str(key))))
                is_settled = False
    return hidden
