"""The file RAYTRAIL_FINDINGS: a threshold of a rule a line, such as `travel.km = 300`, in UTF-8.

A line for a list, such as `decoy_path.paths = /payroll.xlsx`, adds one text in lower case.
Empty lines and lines that begin with `#` are skipped.
"""

from collections.abc import Iterator
from pathlib import Path

from queries.findings.values import Values
from raytrail.setting_files.lines import refuse, text_of

# Every question reads the file, and there are some dozens of thresholds.
BYTES_MAX = 64 * 1024

# So many days, hours and kilometres are never reached, and no time that is so far away overflows.
# Statements take whole numbers alone: there is no interval of 1.5 hours.
NUMBER_MAX = 1_000_000

SETTING = "RAYTRAIL_FINDINGS"


def read(path: Path) -> Values:
    """Every line as a threshold. BadConfiguration has a sentence for each wrong line."""
    # Late: the rules are read for it, and most commands ask for none.
    from queries.findings.rule import rules  # noqa: PLC0415
    from queries.findings.thresholds import lists, thresholds  # noqa: PLC0415

    known, of_texts = thresholds(rules()), lists(rules())
    found, texts, problems = dict[str, float](), list[tuple[str, str]](), list[str]()
    for line, name, text in _lines(text_of(SETTING, path, BYTES_MAX)):
        number = _number(text)
        if name in of_texts:
            texts.append((name, text.lower()))
            if not text or "\0" in text:
                problems.append(f"line {line}: want {name} = a text, found {text!r}")
        elif name not in known:
            problems.append(f"line {line}: no rule has a threshold {name!r}; see docs/findings.md")
        elif number is None:
            problems.append(
                f"line {line}: want {name} = a whole number of at most {NUMBER_MAX:,}, found {text!r}"
            )
        elif name in found:
            problems.append(f"line {line}: {name} is there twice")
        else:
            found[name] = number
    refuse(SETTING, path, problems)
    return (*found.items(), *texts)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip() and not content.lstrip().startswith("#"):
            name, _, value = content.partition("=")
            yield line, name.strip(), value.strip()


def _number(text: str) -> float | None:
    """None for what is no threshold; as a float, although it is whole."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found.is_integer() and 0 <= found <= NUMBER_MAX else None
