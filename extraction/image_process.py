"""The child process that reads pictures, as its parent sees it: started once, asked in turn, ended when it is late.

A decoder that crashes, hangs or eats memory on a stranger's picture ends the child alone; the picture is answered with
`crashed` or `timeout`, and the next one gets a new child. The child gets none of our settings (they hold passwords).
"""

from __future__ import annotations

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

START_SECONDS = 30.0
ANSWER_SECONDS = 40.0
"""Longest wait for one picture; the child itself begins nothing new after 8 s of processor time."""
LONGEST_ANSWER = 16 * 1024 * 1024
_CHUNK = 64 * 1024


class _LostError(Exception):
    """The child gave no answer. The message is a problem code: `crashed` or `timeout`."""


class ImageProcess:
    """One child. Safe to use from several threads: pictures are read one after the other.

    answer_seconds: after which the child is ended.
    """

    def __init__(self, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._hello: Mapping[str, Any] = {}

    def missing(self) -> Mapping[str, str]:
        """Problem code -> reason, for what cannot be read on this machine."""
        with self._lock:
            try:
                self._start()
            except _LostError as error:
                return {"no_codes": str(error), "no_text": str(error)}
            missing: Mapping[str, str] = self._hello.get("missing", {})
            return missing

    def read(self, data: bytes) -> Mapping[str, Any]:
        """The child's answer to a picture (`extraction.image_pixels.Reader.answer`); never raises for what it holds."""
        with self._lock:
            try:
                child = self._start()
                deadline = time.monotonic() + self._answer_seconds
                _send(child, struct.pack(">I", len(data)) + data, deadline)
                return _receive(child, deadline)
            except _LostError as error:
                self._end()
                return {"problems": [str(error)]}

    def close(self) -> None:
        """Ends the child."""
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "extraction.image_pixels"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # One thread: the crawl's machine has other work, and four are not twice as fast on a phone's screenshot.
            env={**environment, "OMP_THREAD_LIMIT": "1", "PYTHONFAULTHANDLER": "0"},
            start_new_session=True,
        )
        assert self._child.stdin is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        try:
            self._hello = _receive(self._child, time.monotonic() + START_SECONDS)
        except _LostError:
            self._end()
            raise
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


def _send(child: subprocess.Popen[bytes], data: bytes, deadline: float) -> None:
    assert child.stdin is not None
    descriptor, rest = child.stdin.fileno(), memoryview(data)
    while rest:
        if not select.select([], [descriptor], [], max(0.0, deadline - time.monotonic()))[1]:
            raise _LostError("timeout")
        try:
            rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
        except BlockingIOError:
            continue
        except OSError:
            raise _LostError("crashed") from None


def _receive(child: subprocess.Popen[bytes], deadline: float) -> Mapping[str, Any]:
    size = struct.unpack(">I", _take(child, 4, deadline))[0]
    if size > LONGEST_ANSWER:
        raise _LostError("crashed")
    try:
        answer: Mapping[str, Any] = json.loads(_take(child, size, deadline))
    except ValueError:
        raise _LostError("crashed") from None
    return answer


def _take(child: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    assert child.stdout is not None
    descriptor, taken = child.stdout.fileno(), bytearray()
    while len(taken) < size:
        if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise _LostError("timeout")
        data = os.read(descriptor, min(_CHUNK, size - len(taken)))
        if not data:
            raise _LostError("crashed")
        taken += data
    return bytes(taken)


_own: dict[int, ImageProcess] = {}


def image_process() -> ImageProcess:
    """The child of this process; a forked process gets one of its own."""
    found = _own.get(os.getpid())
    if found is None:
        _own.clear()
        found = _own[os.getpid()] = ImageProcess()
        atexit.register(found.close)
    return found
