"""Reading ahead, labelling on several threads, results in order."""

from __future__ import annotations

import queue
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_T = TypeVar("_T")
_R = TypeVar("_R")
_PATIENCE = 0.2
"""Seconds between two looks at whether the job should stop."""


class _End:
    """Behind the last element; holds the error that ended the source, if one did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class ReadAhead(Generic[_T]):
    """Runs an iterator in a thread of its own, at most ``depth`` elements ahead.

    Args:
        source: The iterator.
        depth: Elements to hold.
    """

    def __init__(self, source: Iterable[_T], depth: int) -> None:
        self._queue: queue.Queue[_T | _End] = queue.Queue(depth)
        self._stop = threading.Event()
        self._ended = False
        # A daemon: it may hang in a read of standard input that never comes.
        threading.Thread(target=self._run, args=(source,), name="claimstance-reader", daemon=True).start()

    def _run(self, source: Iterable[_T]) -> None:
        try:
            for element in source:
                if not self._put(element):
                    return
            self._put(_End())
        except BaseException as error:
            self._put(_End(error))

    def _put(self, element: _T | _End) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(element, timeout=_PATIENCE)
            except queue.Full:
                continue
            return True
        return False

    @property
    def ended(self) -> bool:
        """Whether the source has come to its end."""
        return self._ended

    def get(self, wait: bool) -> _T | None:
        """Return the next element; None if there is none yet, or no more.

        Args:
            wait: Whether to wait a moment for it.

        Raises:
            BaseException: What the source raised.
        """
        if self._ended:
            return None
        try:
            element = self._queue.get(wait, _PATIENCE if wait else None)
        except queue.Empty:
            return None
        if isinstance(element, _End):
            self._ended = True
            if element.error is not None:
                raise element.error
            return None
        return element

    def stop(self) -> None:
        """Let the thread end."""
        self._stop.set()


def map_in_order(
    function: Callable[[_T], _R], source: Iterable[_T], workers: int, check: Callable[[], None]
) -> Generator[tuple[_T, _R], None, None]:
    """Yield each element with the function's result, in the order of the source.

    At most ``workers + 1`` elements are in work and as many waiting, so memory does not grow with the source.

    Args:
        function: Called from ``workers`` threads at once.
        source: Read in one other thread.
        workers: Threads.
        check: Called every moment; what it raises ends the iteration.
    """
    reader = ReadAhead(source, workers + 1)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="claimstance-worker")
    in_work: deque[tuple[_T, Future[_R]]] = deque()
    failure: BaseException | None = None
    try:
        while True:
            check()
            while len(in_work) <= workers and not reader.ended and failure is None:
                try:
                    read = reader.get(wait=not in_work)
                except Exception as error:  # raised when what was read before it is through
                    failure = error
                    break
                if read is None:
                    break
                in_work.append((read, executor.submit(function, read)))
            if in_work:
                if wait([in_work[0][1]], _PATIENCE).done:
                    element, future = in_work.popleft()
                    yield element, future.result()
            elif failure is not None:
                raise failure
            elif reader.ended:
                return
    finally:
        reader.stop()
        executor.shutdown(wait=True, cancel_futures=True)
