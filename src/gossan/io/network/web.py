"""Asking servers: one request through the guard, bounded in time, size, redirects and patience.

Nothing that lets somebody in is taken from a .netrc, and headers that do go to the first server
only.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urljoin

import brotli
import urllib3
import zstandard
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

from gossan import __version__
from gossan.core.errors import Code, GossanError
from gossan.core.waits import Wait, waiting
from gossan.core.words import tr
from gossan.io.network import guard
from gossan.io.network.guard import Reach, RefusedError, Target
from gossan.io.network.lines import kept_pool, new_pool, until

MAX_REDIRECTS = 5
MAX_DEPTH = 100
"""Lists in objects in lists ... of a JSON answer."""
_PLAIN = frozenset({"Range", "Content-Type"})
"""Headers that let nobody in, and so may go to another server than the first."""
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Bounds:
    """How much of a person's time and memory one request may take.

    Attributes
    ----------
    silence_s : longest time without a sign of life, seconds
    total_s : longest time for all of it with redirects and repetitions, however slowly it
        trickles, seconds
    size : bytes of the answer, packed and unpacked
    retries : repetitions where the server is busy or the connection breaks
    backoff_s : first pause before one, doubled each time, seconds
    wait_s : longest pause that a server may ask for with Retry-After, seconds
    """

    silence_s: float = 30.0
    total_s: float = 120.0
    size: int = 20_000_000
    retries: int = 0
    backoff_s: float = 0.5
    wait_s: float = 60.0


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    Attributes
    ----------
    url : asked for
    request : header lines sent
    status : "200 OK"
    response : header lines received, in order
    body : bytes as they came, still packed where the server packed them
    """

    url: str
    request: tuple[tuple[str, str], ...]
    status: str
    response: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> int:
        """200 of "200 OK"."""
        return int(self.status.split()[0])

    def header(self, name: str) -> str:
        """The value of the last such header, empty where there is none."""
        return next((v for k, v in reversed(self.response) if k.lower() == name), "")


@dataclass(frozen=True)
class Asking:
    """What is asked, and on whose behalf.

    Attributes
    ----------
    code : of the errors raised
    reach : what may be connected to
    bounds : time, size and patience
    method, body, headers : of the request; a body goes to the first host only
    redirects : how many are followed
    allow_hint : how a person allows a refused address, where not by private_hosts
    whole : False where the headers are enough and the body is left unread
    """

    code: Code
    reach: Reach = guard.PUBLIC
    bounds: Bounds = field(default_factory=Bounds)
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    redirects: int = MAX_REDIRECTS
    allow_hint: str = ""
    whole: bool = True

    def refuse(self, refused: RefusedError) -> NoReturn:
        """Raise GossanError of an address that is not asked."""
        hint = self.allow_hint or tr("List it in private_hosts of case.toml if it is yours.")
        self.fail(str(refused), hint if refused.allowable else "")

    def fail(self, problem: str, hint: str = "") -> NoReturn:
        """Raise GossanError."""
        raise GossanError(self.code, problem, hint)


def ask(url: str, asking: Asking) -> tuple[Exchange, ...]:
    """Every exchange on the way to an answer, the answer last. Its status may be any.

    Raises GossanError where an address is refused, nobody answers, or a bound is passed.
    """
    end = time.monotonic() + asking.bounds.total_s
    exchanges: list[Exchange] = []
    first = target = _checked(url, asking)
    for _ in range(asking.redirects + 1):
        home = (target.scheme, target.place) == (first.scheme, first.place)
        got = _patiently(target, asking, end, home=home)
        exchanges.append(got)
        where = got.header("location")
        if got.code not in _REDIRECTS or not where or not asking.redirects:
            return tuple(exchanges)
        then = _checked(urljoin(target.url, where), asking)
        if asking.body is not None and (got.code < 307 or then.place != first.place):
            asking.fail(
                tr("{target} leads elsewhere, to {then}.", target=shown(target), then=shown(then)),
                tr("Name that address."),
            )
        if target.scheme == "https" != then.scheme and not asking.headers.keys() <= _PLAIN:
            asking.fail(
                tr(
                    "{target} leads to an address without encryption: not followed.",
                    target=shown(target),
                )
            )
        target = then
    problem = tr("{first}: more than {most} redirects.", first=shown(first), most=asking.redirects)
    raise GossanError(asking.code, problem, tr("Give the address they lead to."))


def shown(target: Target) -> str:
    """An address without query, for messages."""
    return target.url.split("?", 1)[0]


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """Unpack what a server packed, by one or several ways, never beyond `most` bytes.

    What is cut short comes out as far as it goes. Raises ValueError with a reason.
    """
    for name in reversed([e.strip().lower() for e in encoding.split(",")]):
        if name in ("", "identity"):
            continue
        if name not in _UNPACKERS:
            raise ValueError(
                tr(
                    "is packed as {encoding!r:.40}, expected gzip, deflate, br, zstd or nothing",
                    encoding=name,
                )
            )
        try:
            body = _UNPACKERS[name](body, most + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            raise ValueError(
                tr("says it is packed as {encoding}, but it is not", encoding=name)
            ) from None
        if len(body) > most:
            raise ValueError(
                tr(
                    "has {size:,} bytes or more, expected at most {most:,}",
                    size=len(body),
                    most=most,
                )
            )
    return body


def packed_whole(body: bytes, encoding: str) -> bool:
    """False where gzip or deflate ends before its end; what cannot be told counts as whole."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return True
    for bits in (47, -15):
        unpacker = zlib.decompressobj(bits)
        try:
            while body and not unpacker.eof:
                unpacker.decompress(body, 10_000_000)
                body = unpacker.unconsumed_tail
        except zlib.error:
            continue
        return unpacker.eof
    return True


def _inflated(body: bytes, most: int) -> bytes:
    try:  # gzip or zlib by their head; deflate without one
        return zlib.decompressobj(47).decompress(body, most)
    except zlib.error:
        return zlib.decompressobj(-15).decompress(body, most)


def _unbrotlied(body: bytes, most: int) -> bytes:
    unpacker = brotli.Decompressor()
    out = unpacker.process(body, output_buffer_limit=most)
    while len(out) < most and not unpacker.is_finished() and not unpacker.can_accept_more_data():
        out += unpacker.process(b"", output_buffer_limit=most - len(out))
    return bytes(out[:most])


def _unzstandarded(body: bytes, most: int) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=2**27)
    with unpacker.stream_reader(body, read_across_frames=True) as reader:
        return reader.read(most)


_UNPACKERS = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
    "br": _unbrotlied,
    "zstd": _unzstandarded,
}


def json_of(data: bytes) -> Any:
    """The JSON value of an answer. Raises ValueError with a reason."""
    try:
        value = json.loads(data)
        json.dumps(value, ensure_ascii=False).encode()  # half a character is no text for anybody
    except RecursionError:
        raise ValueError(tr("is nested too deeply")) from None
    except ValueError as error:
        raise ValueError(tr("is no JSON ({reason})", reason=str(error)[:120])) from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(tr("is nested more than {most_depth} deep", most_depth=MAX_DEPTH))
        level = [
            inner
            for v in level
            if isinstance(v, dict | list)
            for inner in (v.values() if isinstance(v, dict) else v)
            if isinstance(inner, dict | list)
        ]
    return value


def _checked(url: str, asking: Asking) -> Target:
    try:
        return guard.check(url, asking.reach)
    except RefusedError as refused:
        asking.refuse(refused)


def _patiently(target: Target, asking: Asking, end: float, *, home: bool) -> Exchange:
    """One exchange; repeated where the server is busy and the bounds allow it."""
    bounds = asking.bounds
    with waiting(target.host, bounds.total_s) as wait:
        for attempt in range(bounds.retries + 1):
            last = attempt == bounds.retries
            pause = bounds.backoff_s * 2**attempt
            try:
                got = _once(target, asking, end, wait, home=home)
                if got.code not in _BUSY or last:
                    return got
                pause = _asked_pause(got, target, asking) or pause
            except RefusedError as refused:
                asking.refuse(refused)
            except (HTTPError, OSError) as error:
                if last or time.monotonic() >= end:
                    asking.fail(f"{shown(target)} {_why(error, target)}.", _later())
            if time.monotonic() + pause >= end:
                asking.fail(
                    tr(
                        "{target} gave no answer within {seconds:.0f} s.",
                        target=shown(target),
                        seconds=bounds.total_s,
                    ),
                    _later(),
                )
            time.sleep(pause)
    raise AssertionError


def _later() -> str:
    return tr("Check the address and the connection, then run the same command again.")


def _why(error: Exception, target: Target) -> str:
    if isinstance(error, PoolTimeoutError | TimeoutError):
        return tr("did not answer in time")
    inner = error.args[-1] if error.args and isinstance(error.args[-1], Exception) else error
    said = str(getattr(inner, "strerror", None) or getattr(inner, "reason", None) or inner)
    query = target.path.partition("?")[2] or "\0"  # may let somebody in
    return tr("did not answer: {reason}", reason=said.replace(query, "...")[:200])


def _asked_pause(got: Exchange, target: Target, asking: Asking) -> float:
    """Seconds that a busy server asks to be left alone, 0 where it does not say."""
    said = got.header("retry-after").strip()
    try:
        pause = (
            float(said)
            if said[:1].isdigit()
            else (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        )
    except (ValueError, TypeError):
        return 0.0
    if not pause <= asking.bounds.wait_s:
        asking.fail(
            tr(
                "{host} is busy ({code}) and asks to be left alone for {pause:,.0f} s.",
                host=target.host,
                code=got.code,
                pause=pause,
            ),
            tr("Run the same command again after that; what was read is kept."),
        )
    return max(pause, 0.0)


def _once(target: Target, asking: Asking, end: float, wait: Wait, *, home: bool) -> Exchange:
    headers = {
        "User-Agent": f"gossan/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        **{k: v for k, v in asking.headers.items() if home or k in _PLAIN},
    }
    try:
        with until(end, asking.reach):
            # a kept connection may be gone, which shows only when it is used: not without retries
            pool = kept_pool(target, asking.reach) if asking.bounds.retries else new_pool(target)
            response = pool.urlopen(
                asking.method,
                target.path,
                asking.body,
                {"Host": target.authority, **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=guard.CONNECT_S, read=asking.bounds.silence_s),
            )
            guard.answered(target)
            wait.heard()
            small = response.headers.get("content-length", "") in ("0", "1")
            body = _body(response, target, asking, wait) if asking.whole or small else b""
            if not (asking.whole or small):
                response.close()  # it would send the whole file
    except (PoolTimeoutError, TimeoutError):
        guard.silent(target)
        raise
    except (HTTPError, OSError) as error:
        if time.monotonic() >= end:  # `_cut` looks like a broken connection
            guard.silent(target)
            raise TimeoutError(str(error)) from None
        raise
    if time.monotonic() >= end:
        asking.fail(
            tr(
                "{target} took longer than {seconds:.0f} s.",
                target=shown(target),
                seconds=asking.bounds.total_s,
            ),
            _later(),
        )
    status = f"{response.status} {response.reason or ''}".strip()
    sent = (("Host", target.authority), *headers.items())
    return Exchange(target.url, sent, status, tuple(response.headers.items()), body)


@contextmanager
def passing(
    target: Target, reach: Reach, method: str, headers: Mapping[str, str]
) -> Iterator[urllib3.BaseHTTPResponse]:
    """The response to somebody else's request, over a kept connection; see `gate`.

    Raises RefusedError, urllib3's HTTPError, OSError.
    """
    bounds = Bounds()
    with until(time.monotonic() + bounds.total_s, reach):
        response = kept_pool(target, reach).urlopen(
            method,
            target.path,
            None,
            {"Host": target.authority, **headers},
            redirect=False,
            retries=urllib3.Retry(1, redirect=0),
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=guard.CONNECT_S, read=bounds.silence_s),
        )
        guard.answered(target)
        try:
            yield response
        except BaseException:
            response.close()
            raise
        response.release_conn()


def _body(response: urllib3.BaseHTTPResponse, target: Target, asking: Asking, wait: Wait) -> bytes:
    most = asking.bounds.size
    length = response.headers.get("content-length", "")
    size = int(length) if length.isdigit() and len(length) < 20 else 0
    if size <= most:
        parts, size = [], 0
        for part in response.stream(65536, decode_content=False):
            wait.heard()
            parts.append(part)
            size += len(part)
            if size > most:
                break
        else:
            response.release_conn()
            return b"".join(parts)
    response.close()
    problem = tr(
        "{target} has {size:,} bytes or more, expected at most {most:,}.",
        target=shown(target),
        size=size,
        most=most,
    )
    raise GossanError(
        asking.code, problem, tr("Save the part that matters as a file and give that.")
    )
