"""Ctrl-C and SIGTERM: finish the rows in hand, then stop; a second one stops at once."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class JobInterruptedError(KeyboardInterrupt):
    """The job was asked to stop and did; what was labelled is written.

    Attributes:
        exit_code: 128 and the number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.exit_code = 128 + number


class Interrupts:
    """Notes signals while it is entered.

    Args:
        catch: Whether to; False, or a thread that is not the main one, leaves signals alone.
    """

    def __init__(self, catch: bool = True) -> None:
        self._catch = catch and threading.current_thread() is threading.main_thread()
        self._before: dict[int, Any] = {}
        self.number: int | None = None

    def __enter__(self) -> Interrupts:
        if self._catch:
            self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.number = number
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    def check(self) -> None:
        """Raise if a signal came.

        Raises:
            JobInterruptedError: If so.
        """
        if self.number is not None:
            raise JobInterruptedError(self.number)
