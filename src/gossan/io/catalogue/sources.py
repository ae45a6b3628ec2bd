"""Where scenes are looked for: a static catalogue on disk or a STAC API.

Searching and signing are all a source does. Signatures are made when pixels are read and
never kept: items, logs and stored scenes carry bare addresses.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pystac
from pystac_client import Client
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.visible import one_line
from gossan.core.words import tr
from gossan.io.catalogue.harmonise import read_item
from gossan.io.local_files import load_json, local_path, outside, walk
from gossan.io.network import signing
from gossan.io.network.guard import PUBLIC, Reach, RefusedError, check, reach_of
from gossan.io.network.stac_io import GuardedStacIO, NetSettings

EARTH_SEARCH = "https://earth-search.aws.element84.com/v1"
PLANETARY_COMPUTER = "https://planetarycomputer.microsoft.com/api/stac/v1"
DEFAULT_COLLECTION = "sentinel-2-l2a"


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of the catalogue that is not a readable STAC item."""

    id: str
    reason: str


class Source(Protocol):
    """What `search.plan` asks of a source."""

    @property
    def spec(self) -> str:
        """As the user wrote it."""

    @property
    def reach(self) -> Reach:
        """What its items may lead to."""

    def items(
        self, geometry: BaseGeometry, start: date, end: date
    ) -> Iterator[pystac.Item | Refused]:
        """Items whose bbox meets the geometry's (lon/lat) from `start` to `end`, inclusive."""

    def sign(self, href: str) -> str:
        """The address to read now; equal to `href` where nothing is signed."""

    def allows(self, href: str) -> bool:
        """Whether an item of this source may point there."""


@dataclass(frozen=True)
class LocalSource:
    """A static STAC catalogue or collection on disk, walked lazily."""

    spec: str
    root: Path
    folders: tuple[Path, ...] = ()
    reach: Reach = PUBLIC

    def items(
        self, geometry: BaseGeometry, start: date, end: date
    ) -> Iterator[pystac.Item | Refused]:
        """See `Source.items`. Raises GossanError(CATALOGUE) for a broken catalogue."""
        area = box(*geometry.bounds)
        for path, wrong in walk(self.root, self._folders):
            if wrong:
                yield Refused(one_line(path.stem), wrong)
                continue
            try:
                item = read_item(load_json(path))
            except GossanError as error:
                yield Refused(one_line(path.stem), error.problem)
                continue
            item.set_self_href(path.as_posix())
            if _in_period(item, start, end) and _meets(item, area):
                yield item

    def sign(self, href: str) -> str:
        """Nothing is signed; of a file, its resolved path.

        Raises GossanError(READ) for a file that may not be read.
        """
        if urlsplit(href).scheme in {"http", "https"}:
            return href
        wrong = self.outside(href)
        path = local_path(href)
        if wrong or path is None:
            raise GossanError(Code.READ, tr("A file of the catalogue {wrong}.", wrong=wrong))
        return str(path.resolve())

    def allows(self, href: str) -> bool:
        """Files of its folders, and http(s) to public servers: the user named this catalogue."""
        if urlsplit(href).scheme in {"http", "https"}:
            return may_ask(href, self.reach)
        return not self.outside(href)

    def outside(self, href: str) -> str:
        """Why a file may not be read, in words that follow its name; see `local_files`."""
        return outside(href, self._folders)

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (self.root.parent.resolve(), *(f.resolve() for f in self.folders))


@dataclass(frozen=True)
class ApiSource:
    """A STAC API, asked page by page."""

    spec: str
    url: str
    collection: str
    signed: bool = False
    net: NetSettings = field(default_factory=NetSettings)
    reach: Reach = PUBLIC

    def items(
        self, geometry: BaseGeometry, start: date, end: date
    ) -> Iterator[pystac.Item | Refused]:
        """See `Source.items`. Raises GossanError(SOURCE) if a page cannot be had.

        A list of scenes that ends early would be silence where there may be images, so a
        page that fails after all retries fails the search.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an API that says less of itself than it might
            client = self._client()
            methods = {link.extra_fields.get("method") for link in client.get_links("search")}
            search = client.search(
                method="GET" if methods == {"GET"} else "POST",
                collections=[self.collection],
                bbox=geometry.bounds,
                datetime=f"{start.isoformat()}T00:00:00Z/{end.isoformat()}T23:59:59Z",
                limit=self.net.page,
                max_items=None,
            )
        for data in search.items_as_dicts():
            try:
                yield read_item(data)
            except GossanError as error:
                name = data.get("id", "(no id)") if isinstance(data, dict) else "(no id)"
                yield Refused(str(name), error.problem)

    def sign(self, href: str) -> str:
        """Planetary Computer needs a short-lived token; it is asked for here and not kept."""
        return signing.signed(href) if self.signed else href

    def allows(self, href: str) -> bool:
        """Only http(s), and by its form no private address but the API's own and listed ones."""
        return may_ask(href, self.reach)

    def _client(self) -> Client:
        io = GuardedStacIO(self.reach, self.net)
        try:
            client = Client.open(self.url, stac_io=io)
            searchable = client.get_search_link() is not None
            client.add_conforms_to("ITEM_SEARCH")
        except GossanError:
            raise
        except Exception as error:  # pystac raises many kinds for what is no landing page
            raise _unreachable(self.url, error) from error
        if not searchable:
            raise GossanError(
                Code.SOURCE,
                tr("{url} answers but is not a STAC API: it offers no search.", url=self.url),
                tr(
                    "Give the landing page of the API, or download the catalogue and use "
                    "local:PATH."
                ),
            )
        return client


def open_source(
    spec: str,
    net: NetSettings | None = None,
    base: Path | None = None,
    folders: tuple[str, ...] = (),
    private_hosts: tuple[str, ...] = (),
) -> Source:
    """The source a spec names; nothing is asked of the network yet.

    `local:PATH` (relative to `base`), `earth-search`, `planetary-computer`, or the URL of a STAC
    API, the last three with an optional `#collection`. `folders`: whose files a local catalogue
    may name beside those of its own. `private_hosts`, such as "127.0.0.1:8080", may serve assets
    too. Raises GossanError(SOURCE).
    """
    net = net or NetSettings()
    if spec.startswith("local:"):
        root = _catalogue_file(Path(spec.removeprefix("local:")), base)
        return LocalSource(spec, root, tuple(map(Path, folders)), _reach(spec, "", private_hosts))
    where, _, collection = spec.partition("#")
    collection = collection or DEFAULT_COLLECTION
    if where == "earth-search":
        reach = _reach(spec, EARTH_SEARCH, private_hosts)
        return ApiSource(spec, EARTH_SEARCH, collection, net=net, reach=reach)
    if where == "planetary-computer":
        reach = _reach(spec, PLANETARY_COMPUTER, private_hosts)
        return ApiSource(spec, PLANETARY_COMPUTER, collection, True, net, reach)
    parts = urlsplit(where)
    if parts.scheme in {"http", "https"} and parts.hostname:
        signed = parts.hostname == urlsplit(PLANETARY_COMPUTER).hostname
        reach = _reach(spec, where, private_hosts)
        return ApiSource(spec, where.rstrip("/"), collection, signed, net, reach)
    raise GossanError(
        Code.SOURCE,
        tr("Source {spec!r} is not one gossan knows.", spec=spec),
        tr(
            "Use local:PATH, earth-search, planetary-computer or the https:// address of a STAC "
            "API."
        ),
    )


def is_public(spec: str) -> bool:
    """Whether a source is a catalogue that anybody can ask, as far as its form tells."""
    if spec.startswith("local:"):
        return False
    return urlsplit(spec).scheme not in ("http", "https") or may_ask(spec, PUBLIC)


def _reach(spec: str, url: str, private_hosts: tuple[str, ...]) -> Reach:
    try:
        return reach_of(url, private_hosts)
    except RefusedError as refused:
        raise GossanError(
            Code.SOURCE,
            tr("Source {spec!r} cannot be asked: {refused}", spec=spec, refused=refused),
            tr("Write the address of a STAC API in full, e.g. https://example.org/stac."),
        ) from None


def _catalogue_file(path: Path, base: Path | None) -> Path:
    path = path.expanduser()
    path = (base / path if base is not None and not path.is_absolute() else path).resolve()
    names = [path] if path.is_file() else [path / "catalog.json", path / "collection.json"]
    for name in names:
        if name.is_file():
            return name
    raise GossanError(
        Code.SOURCE,
        tr(
            "There is no STAC catalogue at {path}: expected catalog.json or collection.json.",
            path=path,
        ),
        tr("Give the folder that holds catalog.json or the file itself, as local:PATH."),
    )


def why_not(source: Source, asset: str, href: str) -> str:
    """Why an asset is not read, in words; empty where it is."""
    if source.allows(href):
        return ""
    if isinstance(source, LocalSource):
        return tr("its asset {asset} {why}", asset=asset, why=source.outside(href))
    return tr(
        "its asset {asset} points to an address that is not read: {href}",
        asset=asset,
        href=one_line(href)[:80],
    )


def _in_period(item: pystac.Item, start: date, end: date) -> bool:
    if item.datetime is None:
        return True  # refused later, by name
    when = item.datetime if item.datetime.tzinfo else item.datetime.replace(tzinfo=UTC)
    first = datetime(start.year, start.month, start.day, tzinfo=UTC)
    after = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=1)
    return first <= when < after


def _meets(item: pystac.Item, area: BaseGeometry) -> bool:
    if item.bbox:
        corners = item.bbox if len(item.bbox) == 4 else [*item.bbox[:2], *item.bbox[3:5]]
        return bool(box(*corners).intersects(area))
    return item.geometry is None or bool(shape(item.geometry).intersects(area))


def may_ask(href: str, reach: Reach) -> bool:
    """Whether the form of an address is one that may be asked; see `guard.check`."""
    try:
        check(href, reach)
    except RefusedError:
        return False
    return True


def _unreachable(url: str, error: Exception) -> GossanError:
    return GossanError(
        Code.SOURCE,
        tr(
            "The catalogue at {url} could not be searched ({kind}): {reason}.",
            url=url,
            kind=type(error).__name__,
            reason=str(error)[:200],
        ),
        tr("Check the address and the connection, then run the same command again."),
    )
