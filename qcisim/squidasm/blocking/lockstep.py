"""A plain function in a thread of its own that takes turns with the event loop.

Exactly one of all threads runs at any time. The function calls `await_` with a generator of the event loop; the loop
runs it, simulated time passes, and the function goes on with what it returned.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

from qcisim.errors import InputError

_here = threading.local()
STOPPING_S = 1.0
"""How long an interrupted function has to end."""


class _Cancelled(BaseException):
    """Raised inside a function whose run is over."""


class Actor:
    """``function`` as a process: `steps` is its generator for the event loop.

    Args:
        name: for the thread and for errors.
        function: is called without arguments.
    """

    def __init__(self, name: str, function: Callable[[], Any]) -> None:
        self.name = name
        self._function = function
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._body, name=f"qcisim {name}", daemon=True)
        self._request: Generator[Any, Any, Any] | None = None
        self._answer: Any = None
        self._failure: BaseException | None = None
        self._value: Any = None
        self._over = self._cancelled = False

    @property
    def line(self) -> str:
        """File and line where the function stands in its own source, "" where it does not."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if not module.startswith(("qcisim.", "netqasm.", "threading")):
                return f"{frame.f_code.co_filename}:{frame.f_lineno}"
            frame = frame.f_back
        return ""

    def steps(self) -> Generator[Any, Any, Any]:
        """Runs the function to its end, and returns what it returns."""
        try:
            self._thread.start()
            while True:
                self._go.release()
                self._turn()
                if self._over:
                    break
                assert self._request is not None
                self._answer, self._failure = None, None
                try:
                    self._answer = yield from self._request
                except Exception as error:
                    self._failure = error
        finally:
            self._cancel()
        if self._failure is not None:
            raise self._failure
        return self._value

    def _turn(self) -> None:
        """Wait while the function runs. An interrupt stops it wherever it is, as soon as it runs Python again."""
        try:
            self._back.acquire()
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(f"{self.name} was at {self.line or 'an unknown line'}")
            ident = ctypes.c_ulong(self._thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(_Cancelled))
            self._over = True  # nobody waits for it again
            self._back.acquire(timeout=STOPPING_S)
            raise

    def _cancel(self) -> None:
        """Let the thread end where it waits."""
        if self._thread.ident is None or self._over:
            return
        self._cancelled = True
        self._go.release()
        self._back.acquire()

    def _body(self) -> None:
        self._go.acquire()
        _here.actor = self
        try:
            if not self._cancelled:
                self._failure = None
                self._value = self._function()
        except _Cancelled:
            pass
        except BaseException as error:
            self._failure = error
        finally:
            self._over = True
            self._back.release()

    def wait(self, request: Generator[Any, Any, Any]) -> Any:
        """Called by the function: hand ``request`` to the event loop, go on with what it returns or raises."""
        if self._cancelled:
            raise _Cancelled
        self._request = request
        self._back.release()
        self._go.acquire()
        if self._cancelled:
            raise _Cancelled
        if self._failure is not None:
            raise self._failure
        return self._answer


def current() -> Actor | None:
    """The actor whose function calls this."""
    return getattr(_here, "actor", None)


def await_(request: Generator[Any, Any, Any]) -> Any:
    """Run ``request`` in the event loop while this function waits."""
    actor = current()
    if actor is None:
        raise InputError("a blocking call outside of a running application: start it with simulate_application")
    return actor.wait(request)
