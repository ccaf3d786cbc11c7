"""Which of several frames is meant."""

from __future__ import annotations

from screening.errors import StructureError


def chosen_frame(frames: int, frame: str | None, where: str) -> tuple[int, list[str]]:
    """Index of the wanted one of several frames, the last by default, and what to say of it.

    Raises
    ------
    StructureError
        If there is no such frame.
    """
    if not frames:
        raise StructureError("holds no atoms", where=where)
    if frame is None:
        return frames - 1, [f"frame {frames} of {frames}, the last"] if frames > 1 else []
    if not frame.isdecimal() or not 1 <= int(frame) <= frames:
        raise StructureError(f"no frame {frame!r}", where=where, allowed=f"1 to {frames}")
    return int(frame) - 1, [f"frame {frame} of {frames}"] if frames > 1 else []
