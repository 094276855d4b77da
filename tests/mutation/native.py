"""Break the Rust code at random places, and see whether a test fails: `make mutants-native`.

cargo-mutants finds the places. Each mutant is built in a temporary copy of the checkout, and the
tests of decoders, parts and the narrow reader run on it. Skips loudly where cargo-mutants is not installed.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.mutation.checkout import Checkout, checkout_of
from tests.mutation.mutant import Mutant

ROOT = Path(__file__).parents[2]
CRATE = "native"
TESTS = ("tests/schema", "tests/store/loading/test_group_parts.py", "tests/queries/narrow")
BUILT = "native/_native.abi3.so"
SAMPLE = 30
# A mutant leaves names unused, and the crate denies warnings. Optimising across crates takes long.
FLAGS = {"RUSTFLAGS": "--cap-lints=warn", "PYO3_BUILD_EXTENSION_MODULE": "1"}
QUICK_BUILD = ("--release", "--config", "profile.release.lto=false")


def main() -> int:
    options = _options()
    if shutil.which("cargo-mutants") is None:
        print("NO CARGO-MUTANTS: no Rust mutant was tried (`cargo install cargo-mutants --locked`)")
        return 0
    print(f"seed {options.seed}", flush=True)
    mutants = listed(_list(), ROOT)
    chosen = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    with checkout_of(ROOT) as checkout:
        if not _is_built(checkout):
            raise SystemExit("the decoder cannot be built: run `cargo build` in native/")
        failed = checkout.failure(TESTS, seconds=None)
        if failed is not None:
            raise SystemExit(f"fails without a mutant: {failed}")
        return _try_all(checkout, chosen)


def listed(found: list[Mapping[str, Any]], root: Path) -> list[Mutant]:
    """The mutants that cargo-mutants lists as JSON, with positions in bytes."""
    mutants = []
    for each in found:
        file = f"{CRATE}/{each['file']}"
        lines = (root / file).read_text(encoding="utf-8").splitlines(keepends=True)
        line_starts = [0, *accumulate(len(line.encode()) for line in lines)]
        span = each["span"]
        start, end = (
            line_starts[at["line"] - 1] + len(lines[at["line"] - 1][: at["column"] - 1].encode())
            for at in (span["start"], span["end"])
        )
        line, text = span["start"]["line"], each["replacement"].encode()
        mutants.append(Mutant(file, line, each["genre"], start, end, text))
    return mutants


def _list() -> list[Mapping[str, Any]]:
    command = ["cargo", "mutants", "--list", "--json", "--dir", CRATE]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    found: list[Mapping[str, Any]] = json.loads(told)
    return found


def _is_built(checkout: Checkout) -> bool:
    """Build the decoder of the copy and put it where Python finds it."""
    crate = checkout.root / CRATE
    command = ["cargo", "build", "--quiet", *QUICK_BUILD]
    environment = {**os.environ, **FLAGS, "PYO3_PYTHON": sys.executable}
    built = subprocess.run(command, cwd=crate, env=environment, capture_output=True, check=False)
    if built.returncode:
        return False
    shutil.copy2(crate / "target" / "release" / "lib_native.so", checkout.root / BUILT)
    return True


def _try_all(checkout: Checkout, mutants: list[Mutant]) -> int:
    counted = Counter[str]()
    for mutant in mutants:
        described = mutant.described((checkout.root / mutant.file).read_bytes())
        with checkout.mutated(mutant):
            failed = checkout.failure(TESTS) if _is_built(checkout) else "the compiler"
        outcome = "SURVIVED" if failed is None else "killed"
        if failed == "the compiler":
            outcome = "no build"
        counted[outcome] += 1
        print(f"{outcome:9} {described}\n          {failed or 'no test failed'}", flush=True)
    print(*(f"{count} {outcome}" for outcome, count in sorted(counted.items())), sep=", ")
    return 1 if counted["SURVIVED"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation.native", description=__doc__.partition("\n")[0]
    )
    of = os.environ.get
    parser.add_argument("--sample", type=int, default=int(of("MUTANT_SAMPLE") or SAMPLE))
    seed = int(of("TEST_SEED") or secrets.randbelow(1 << 32))
    parser.add_argument("--seed", type=int, default=seed)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
