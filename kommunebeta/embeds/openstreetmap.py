"""OpenStreetMap: a part of the map."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from kommunebeta.embeds.address import Address, fragment_values
from kommunebeta.embeds.provider import Facts, Found, Play, Provider, query
from kommunebeta.model import EmbedKind

_DEGREES = r"-?[0-9]{1,3}(?:\.[0-9]{1,10})?"
_EDGE = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PLACE = re.compile(rf"(?P<zoom>[0-9]{{1,2}})(?:\.[0-9]{{1,10}})?/(?P<lat>{_DEGREES})/(?P<lon>{_DEGREES})")
_THING = re.compile(r"(?:(?:node|way|relation)/[0-9]{1,15})?")
_SHORT = re.compile(r"go/(?P<signs>[A-Za-z0-9_~@]{3,12})(?P<dashes>[-=]{0,2})")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"
_USUAL_ZOOM = "12"
_MOST_ZOOM = 19
_TILE = 256
_WIDTH, _HEIGHT = 640, 480


@dataclass(frozen=True, slots=True)
class _Place:
    """The middle of a map, in degrees as written."""

    zoom: int
    lat: str
    lon: str


class OpenStreetMap(Provider):
    """See https://wiki.openstreetmap.org/wiki/Export#Embeddable_HTML for what it offers."""

    id = "openstreetmap"
    name = "OpenStreetMap"
    receiver = "OpenStreetMap Foundation"
    shape = (_WIDTH, _HEIGHT)
    origins = ("https://www.openstreetmap.org",)
    allow = ""

    def find(self, address: Address) -> Found | None:
        """``#map=zoom/lat/lon``, a place in the query, a short address or a frame; with its marker."""
        place = _place(address)
        if place is None or not _is_on_earth(place.lat, place.lon) or place.zoom > _MOST_ZOOM:
            return None
        marker = _marker(address, place)
        shown = query({"mlat": marker[0], "mlon": marker[1]}) if marker else ""
        thing = address.path if _THING.fullmatch(address.path) else ""
        url = f"https://www.openstreetmap.org/{thing}{shown}#map={place.zoom}/{place.lat}/{place.lon}"
        more = (("box", _box(place)), *((("marker", ",".join(marker)),) if marker else ()))
        return Found(self.id, url, EmbedKind.MAP, more=more)

    def frame(self, found: Found, facts: Facts | None, play: Play) -> str:
        """The same part of the map, in its usual style."""
        values = {"bbox": found.get("box"), "layer": "mapnik", "marker": found.get("marker")}
        return f"https://www.openstreetmap.org/export/embed.html{query(values)}"


def _place(address: Address) -> _Place | None:
    """Where an address of any of the forms points to."""
    short = _SHORT.fullmatch(address.path)
    if short and address.host in ("osm.org", "openstreetmap.org"):
        return _from_short(short["signs"], len(short["dashes"]))
    if address.host not in ("osm.org", "openstreetmap.org"):
        return None
    if address.path == "export/embed.html":
        return _from_box(address.query.get("bbox", ""))
    if not _THING.fullmatch(address.path):
        return None
    values = address.query
    lat, lon = values.get("mlat") or values.get("lat"), values.get("mlon") or values.get("lon")
    in_query = f"{values.get('zoom') or _USUAL_ZOOM}/{lat}/{lon}"
    place = _PLACE.fullmatch(fragment_values(address.fragment).get("map", in_query))
    return _Place(int(place["zoom"]), place["lat"], place["lon"]) if place else None


def _marker(address: Address, place: _Place) -> tuple[str, str] | None:
    """Latitude and longitude of the marker, if one is set."""
    values = address.query
    if address.path.startswith("go/"):
        return (place.lat, place.lon) if "m" in values else None
    lat, _, lon = values.get("marker", "").partition(",")
    lat, lon = values.get("mlat", lat), values.get("mlon", lon)
    return (lat, lon) if _is_on_earth(lat, lon) else None


def _is_on_earth(lat: str, lon: str) -> bool:
    """Whether degrees lie on the map, which ends short of the poles."""
    written = re.fullmatch(_DEGREES, lat) and re.fullmatch(_DEGREES, lon)
    return bool(written) and abs(float(lat)) <= 85 and abs(float(lon)) <= 180


def _from_short(signs: str, dashes: int) -> _Place | None:
    """A short address: three bits of longitude and of latitude by turns in each sign.

    See https://wiki.openstreetmap.org/wiki/Shortlink.
    """
    lon = lat = 0
    for sign in signs.replace("@", "~"):
        bits = f"{_SIGNS.index(sign):06b}"
        lon, lat = lon << 3 | int(bits[::2], 2), lat << 3 | int(bits[1::2], 2)
    depth = 3 * len(signs)
    zoom = depth - 8 - (-dashes % 3)
    east, north = lon * 360 / 2**depth - 180, lat * 180 / 2**depth - 90
    return _Place(zoom, f"{north:.5f}", f"{east:.5f}") if zoom >= 0 else None


def _from_box(box: str) -> _Place | None:
    """The middle of a frame's box, and the zoom at which a frame of our size shows all of it."""
    edges = box.split(",")
    if len(edges) != 4 or not all(re.fullmatch(_EDGE, edge) for edge in edges):
        return None
    west, south, east, north = map(float, edges)
    if not (west < east and south < north):
        return None
    zoom = math.floor(math.log2(360 * _WIDTH / _TILE / (east - west)))
    return _Place(min(max(zoom, 0), _MOST_ZOOM), f"{(south + north) / 2:.5f}", f"{(west + east) / 2:.5f}")


def _box(place: _Place) -> str:
    """The part of the map that a frame of our size shows: west, south, east, north in degrees."""
    lat, lon = float(place.lat), float(place.lon)
    wide = 360 / 2**place.zoom * _WIDTH / _TILE / 2
    high = 360 / 2**place.zoom * _HEIGHT / _TILE / 2 * math.cos(math.radians(lat))
    west, east = max(lon - wide, -180), min(lon + wide, 180)
    south, north = max(lat - high, -85), min(lat + high, 85)
    return ",".join(f"{edge:.6f}" for edge in (west, south, east, north))
