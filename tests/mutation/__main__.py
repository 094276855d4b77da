"""Break the product at one place at a time, and see whether a test fails: `make mutants`.

Prints each mutant and the test that failed. A mutant that no test noticed is printed as SURVIVED:
close the hole with a test, or see that the mutant changes nothing that matters. Exit 1 if any did.
"""

import argparse
import os
import random
import secrets
import sys
from collections import Counter
from pathlib import Path

from tests.mutation.checkout import Checkout, Killed, Survived, checkout_of
from tests.mutation.mutant import Mutant
from tests.mutation.sample import drawn, product_files
from tests.mutation.selection import REACHES, Reach, first_stage

ROOT = Path(__file__).parents[2]
SAMPLE = 20


def main() -> int:
    options = _options()
    print(f"seed {options.seed}", flush=True)
    files = product_files(ROOT, options.rooms)
    mutants = drawn(ROOT, files, options.sample, random.Random(options.seed))[options.skip :]
    if options.list:
        for mutant in mutants:
            print(mutant.described((ROOT / mutant.file).read_bytes()))
        return 0
    with checkout_of(ROOT) as checkout:
        _demand_that_tests_pass(checkout, mutants)
        return _try_all(checkout, mutants, options.reach)


def _demand_that_tests_pass(checkout: Checkout, mutants: list[Mutant]) -> None:
    """A test that fails anyway would kill every mutant."""
    files = sorted({file for each in mutants for file in first_stage(checkout.root, each)})
    failed = checkout.failure(files, seconds=None)
    if failed is not None:
        raise SystemExit(f"fails without a mutant: {failed}")


def _try_all(checkout: Checkout, mutants: list[Mutant], reach: Reach) -> int:
    tried, survived = Counter[str](), Counter[str]()
    for mutant in mutants:
        described = mutant.described((checkout.root / mutant.file).read_bytes())
        tried[mutant.room] += 1
        match checkout.trial(mutant, reach):
            case Killed(by):
                print(f"killed    {described}\n          by {by}", flush=True)
            case Survived(files):
                survived[mutant.room] += 1
                print(f"SURVIVED  {described}\n          {files} files of tests", flush=True)
    print(f"\n{'room':30} mutants killed survived")
    for room in sorted(tried):
        killed = tried[room] - survived[room]
        print(f"{room:30} {tried[room]:7} {killed:6} {survived[room]:8}")
    print(f"{'all':30} {tried.total():7} {(tried - survived).total():6} {survived.total():8}")
    return 1 if survived else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__.partition("\n")[0]
    )
    of = os.environ.get
    parser.add_argument("rooms", nargs="*", default=(of("MUTANT_ROOMS") or "").split())
    parser.add_argument("--sample", type=int, default=int(of("MUTANT_SAMPLE") or SAMPLE))
    seed = int(of("TEST_SEED") or secrets.randbelow(1 << 32))
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--skip", type=int, default=0, help="of the sample, to go on later")
    parser.add_argument("--reach", type=Reach, choices=REACHES, default=Reach.ROOM)
    parser.add_argument("--list", action="store_true", help="print the sample and run nothing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
