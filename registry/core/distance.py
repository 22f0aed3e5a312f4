"""How far apart two points are."""

from math import asin, cos, radians, sin, sqrt
from typing import SupportsFloat

EARTH_RADIUS = 6_371_008.8
"""Mean radius of the earth in metres (WGS 84)."""

Point = tuple[SupportsFloat, SupportsFloat]


def metres_between(one: Point, other: Point) -> int:
    """Whole metres along the ground between two points, each latitude and longitude in degrees (haversine).

    The earth counts as a sphere: wrong by at most half a per cent.
    """
    (latitude, longitude), (to_latitude, to_longitude) = (map(radians, map(float, point)) for point in (one, other))
    half = sin((to_latitude - latitude) / 2) ** 2
    half += cos(latitude) * cos(to_latitude) * sin((to_longitude - longitude) / 2) ** 2
    return round(2 * EARTH_RADIUS * asin(min(1.0, sqrt(half))))
