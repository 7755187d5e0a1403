"""HTTP/1.1 over TLS on one asyncio protocol with the llhttp parser: little per request, and the peer's certificate
at hand.

The application gets whole requests with the **raw** path; it answers each exactly once, now or later. Requests of
one connection are answered in their order. Limits: head 16 KiB, body as configured, time for a request, idle time,
number of connections.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import httptools

REASONS = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    405: b"Method Not Allowed",
    410: b"Gone",
    413: b"Content Too Large",
    415: b"Unsupported Media Type",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}
HEAD_LIMIT = 16 * 1024
DRAIN_LIMIT = 32 * 1024 * 1024
REQUEST_S = 10.0
IDLE_S = 120.0


class Request:
    """One request; ``reply`` may be called once, at any later time."""

    __slots__ = ("_connection", "answered", "body", "close", "content_type", "identity", "method", "target")

    def __init__(self, connection: HttpConnection) -> None:
        self._connection = connection
        self.identity = connection.identity
        self.method = b""
        self.target = b""
        self.content_type: bytes | None = None
        self.body = b""
        self.close = False
        self.answered = False

    def reply(self, status: int, body: bytes, headers: bytes = b"") -> None:
        """Answer with JSON; ``headers`` are complete lines that end in CRLF."""
        if not self.answered:
            self.answered = True
            self._connection.answer(self, status, body, headers)


class Application:
    """What a listener serves: `admit` sees the head of a request, `serve` the whole of it."""

    body_limit = 256 * 1024

    def admit(self, request: Request) -> bool:
        """Look at method, path and identity before the body; ``False`` when the request was answered already."""
        raise NotImplementedError

    def serve(self, request: Request) -> None:
        raise NotImplementedError

    def too_large(self, request: Request) -> None:
        """Answer a request whose body or head is too large, or that is no HTTP."""
        request.reply(413, b"{}")


class Listener:
    """Connections of one port."""

    def __init__(self, application: Application, identify: Callable[[Any], Any], *, limit: int = 2000) -> None:
        self.application, self.identify, self.limit = application, identify, limit
        self.connections: set[HttpConnection] = set()

    def protocol(self) -> HttpConnection:
        return HttpConnection(self)

    def close(self) -> None:
        for connection in list(self.connections):
            connection.abort()


class HttpConnection(asyncio.Protocol):
    """One client connection."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._app = listener, listener.application
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._request: Request | None = None  # being read
        self._queue: deque[Request] = deque()  # read, not served
        self._current: Request | None = None  # being served
        self._parts: list[bytes] = []
        self._size = self._head = self._fields = self._declared = 0
        self._draining = self._ended = self._expects = False
        self.identity: Any = None

    # -- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if len(self._listener.connections) >= self._listener.limit:
            transport.close()
            return
        self._listener.connections.add(self)
        tls = transport.get_extra_info("ssl_object")
        self.identity = self._listener.identify(cast(ssl.SSLObject | None, tls))
        self._wait(REQUEST_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connections.discard(self)
        if self._timer:
            self._timer.cancel()
        self._transport = None
        self._queue.clear()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _wait(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._late)

    def _late(self) -> None:
        if self._current is None and self._transport:
            self._transport.close()

    def pause_writing(self) -> None:
        """The client does not read its answers: read no more of its requests."""
        if self._transport and self._transport.is_reading():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport and not self._transport.is_reading():
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self._draining:
            self._size += len(data)
            if self._size > DRAIN_LIMIT:
                self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # answered as any request, without the upgrade; then the connection ends
            self._draining, self._size = True, 0
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            if self._request is not None and not self._request.method:  # the head is not complete yet
                self._head += len(data)
                if self._head > HEAD_LIMIT:
                    self._refuse(431)

    def eof_received(self) -> bool:
        return False

    def _refuse(self, status: int) -> None:
        """No way to go on with this connection: answer once, read on without looking, then close."""
        self._draining, self._size = True, 0
        if self._current is None and not self._queue:
            request = self._request or Request(self)
            request.close = True
            if not request.answered:
                self._current = request
                request.answered = True
                text = b'{"message":"' + REASONS[status].lower() + b'"}'
                self.answer(request, status, text, b"")
        else:
            self._ended = True

    # -- parser

    def on_message_begin(self) -> None:
        self._request = Request(self)
        self._parts, self._size, self._fields = [], 0, 0
        self._declared, self._expects = 0, False
        if self._current is None:
            self._wait(REQUEST_S)

    def on_url(self, url: bytes) -> None:
        assert self._request is not None
        self._request.target += url
        if len(self._request.target) > HEAD_LIMIT:
            raise ValueError("request target too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        request = self._request
        assert request is not None
        self._fields += len(name) + len(value)
        if self._fields > HEAD_LIMIT:
            raise ValueError("request head too large")
        if request.method:  # a trailer: it says nothing about the request
            return
        name = name.lower()
        if name == b"content-type":
            request.content_type = value
        elif name == b"content-length":
            self._declared = int(value) if value.isdigit() else 0
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        request = self._request
        assert request is not None
        request.method = self._parser.get_method()
        request.close = not self._parser.should_keep_alive() or self._parser.should_upgrade()
        self._size = self._head = 0
        if self._declared > self._app.body_limit:
            self._too_large()
        elif self._expects and self._transport and self._current is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if self._draining:
            return
        self._size += len(body)
        if self._size > self._app.body_limit:
            self._too_large()
            return
        self._parts.append(body)

    def _too_large(self) -> None:
        """Answer at once, read on without looking so that the client can read the answer, then close."""
        self._parts, self._size = [], 0
        request = self._request
        if request is not None and self._current is None and not self._queue:
            request.close, self._draining, self._current = True, True, request
            if self._app.admit(request):
                self._app.too_large(request)
        else:
            self._draining = self._ended = True

    def on_message_complete(self) -> None:
        request = self._request
        if request is None or self._draining:
            return
        request.body = b"".join(self._parts) if len(self._parts) != 1 else self._parts[0]
        self._request, self._parts = None, []
        if self._current is None:
            self._begin(request)
        else:
            self._queue.append(request)
            if len(self._queue) >= 16 and self._transport:
                self._transport.pause_reading()

    # -- answers

    def _begin(self, request: Request) -> None:
        self._current = request
        try:
            if self._app.admit(request):
                self._app.serve(request)
        except Exception as error:  # a fault of ours: say so once, without what the request held, and serve on
            print(f"error: {type(error).__name__} while serving a request", file=sys.stderr, flush=True)
            request.reply(503, b'{"message":"the request could not be served"}')

    def answer(self, request: Request, status: int, body: bytes, headers: bytes) -> None:
        transport = self._transport
        if transport is None or request is not self._current:
            return
        end = b"Connection: close\r\n\r\n" if request.close else b"\r\n"
        if request.method == b"HEAD":
            body = b""
        head = b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\nCache-Control: no-store\r\n"
        transport.write(head % (status, REASONS[status], len(body)) + headers + end + body)
        self._current = None
        if request.close or self._ended:
            if self._draining and not self._ended:
                self._loop.call_later(1.0, transport.close)
            else:
                transport.close()
            return
        self._wait(IDLE_S)
        if self._queue:
            self._loop.call_soon(self._next)

    def _next(self) -> None:
        if self._queue and self._current is None:
            request = self._queue.popleft()
            if self._transport and len(self._queue) < 8 and not self._transport.is_reading():
                self._transport.resume_reading()
            self._begin(request)
