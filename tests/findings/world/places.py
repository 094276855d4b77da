"""Cities and networks. Ordinary networks have private AS numbers; those that a rule can know by
their number have their own.
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

# Addresses are of the ranges for benchmarks and documentation.
FIRST_ADDRESS = int(IPv4Address("198.18.0.0"))
FIRST_ASN = 4_200_000_000
# Providers of homes in each country.
PROVIDERS = 3


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    country: str
    latitude: float
    longitude: float
    colo: str
    zone: str


PLACES = {
    place.city: place
    for place in (
        Place("Prague", "cz", 50.08, 14.44, "PRG", "Europe/Prague"),
        Place("Brno", "cz", 49.20, 16.61, "PRG", "Europe/Prague"),
        Place("Berlin", "de", 52.52, 13.41, "TXL", "Europe/Berlin"),
        Place("Munich", "de", 48.14, 11.58, "MUC", "Europe/Berlin"),
        Place("London", "gb", 51.51, -0.13, "LHR", "Europe/London"),
        Place("Manchester", "gb", 53.48, -2.24, "MAN", "Europe/London"),
        Place("Lisbon", "pt", 38.72, -9.14, "LIS", "Europe/Lisbon"),
        Place("Warsaw", "pl", 52.23, 21.01, "WAW", "Europe/Warsaw"),
        Place("Paris", "fr", 48.86, 2.35, "CDG", "Europe/Paris"),
        Place("Madrid", "es", 40.42, -3.70, "MAD", "Europe/Madrid"),
        Place("Dublin", "ie", 53.35, -6.26, "DUB", "Europe/Dublin"),
        Place("Austin", "us", 30.27, -97.74, "DFW", "America/Chicago"),
        Place("New York", "us", 40.71, -74.01, "EWR", "America/New_York"),
        Place("Toronto", "ca", 43.65, -79.38, "YYZ", "America/Toronto"),
        Place("Mexico City", "mx", 19.43, -99.13, "MEX", "America/Mexico_City"),
        Place("Sao Paulo", "br", -23.55, -46.63, "GRU", "America/Sao_Paulo"),
        Place("Bengaluru", "in", 12.97, 77.59, "BLR", "Asia/Kolkata"),
        Place("Singapore", "sg", 1.35, 103.82, "SIN", "Asia/Singapore"),
        Place("Tokyo", "jp", 35.68, 139.69, "NRT", "Asia/Tokyo"),
        Place("Sydney", "au", -33.87, 151.21, "SYD", "Australia/Sydney"),
        Place("Nairobi", "ke", -1.29, 36.82, "NBO", "Africa/Nairobi"),
        Place("Lagos", "ng", 6.52, 3.38, "LOS", "Africa/Lagos"),
        Place("Moscow", "ru", 55.76, 37.62, "DME", "Europe/Moscow"),
        Place("Hanoi", "vn", 21.03, 105.85, "HAN", "Asia/Ho_Chi_Minh"),
        Place("Bucharest", "ro", 44.43, 26.10, "OTP", "Europe/Bucharest"),
        Place("Dubai", "ae", 25.20, 55.27, "DXB", "Asia/Dubai"),
        Place("Johannesburg", "za", -26.20, 28.05, "JNB", "Africa/Johannesburg"),
    )
}
CONTINENTS = {
    **dict.fromkeys(("cz", "de", "gb", "pt", "pl", "fr", "es", "ie", "ru", "ro"), "EU"),
    **dict.fromkeys(("us", "ca", "mx"), "NA"),
    **dict.fromkeys(("in", "sg", "jp", "vn", "ae"), "AS"),
    **dict.fromkeys(("ke", "ng", "za"), "AF"),
    "br": "SA",
    "au": "OC",
}
COUNTRIES = sorted({place.country for place in PLACES.values()})
# Where nobody of the company lives or travels to.
FAR_AWAY = ("Hanoi", "Lagos", "Moscow", "Bucharest", "Johannesburg")
TRIPS = ("Paris", "Madrid", "Dublin", "New York", "Dubai", "Singapore", "Mexico City")


class Kind(Enum):
    """What a network is."""

    OFFICE = 1
    HOME = 2
    MOBILE = 3
    HOSTING = 4
    WARP = 5
    RELAY = 6
    VPN = 7
    PLANE = 8
    OTHER = 9


@dataclass(frozen=True, slots=True)
class Network:
    asn: int
    kind: Kind


WARP = Network(13335, Kind.WARP)
RELAYS = (Network(36183, Kind.RELAY), Network(54113, Kind.RELAY), Network(13335, Kind.RELAY))
VPNS = (Network(9009, Kind.VPN), Network(212238, Kind.VPN))
# Airlines: Panasonic Avionics, Viasat, Intelsat.
PLANES = (Network(64294, Kind.PLANE), Network(40306, Kind.PLANE), Network(22351, Kind.PLANE))
RUNNERS = Network(8075, Kind.HOSTING)


def home_network(country: str, number: int) -> Network:
    return Network(FIRST_ASN + 10 * COUNTRIES.index(country) + number % PROVIDERS, Kind.HOME)


def mobile_network(country: str, number: int) -> Network:
    return Network(FIRST_ASN + 10 * COUNTRIES.index(country) + 5 + number % 2, Kind.MOBILE)


def office_network(number: int) -> Network:
    return Network(FIRST_ASN + 1_000 + number, Kind.OFFICE)


def strange_network(number: int) -> Network:
    """A network that nobody of the company used before."""
    return Network(FIRST_ASN + 5_000 + number, Kind.HOSTING)


def address(number: int) -> str:
    """Different numbers below 2**17 have different addresses."""
    return str(IPv4Address(FIRST_ADDRESS + number % (1 << 17)))
