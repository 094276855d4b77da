"""Kinds of traffic: what a decoder may guess from the row before differs from one to the other."""

from bench.cast import Crowd
from bench.traffic import Traffic

USUAL = Traffic()
# Forty offices and VPN exits with some five hundred people behind each: an address says little
# of who it is, and no two stamps are alike.
OFFICES = Traffic(seed=5, crowd=Crowd(addresses=40), stamps="rfc3339ns")
MIXES = {
    "another seed": Traffic(seed=4),
    "shared addresses, nanoseconds": OFFICES,
    # Of ten thousand requests, one in thirty comes from the address of the one before, or fewer.
    "many visitors": Traffic(seed=7, crowd=Crowd(visitors=60_000), sessions=10_000),
    # Seven requests of ten come from the address of the one before.
    "few visitors": Traffic(seed=11, crowd=Crowd(visitors=40), sessions=8),
}
