"""`python -m raytrail` is the `raytrail` command."""

from raytrail.cli import main

main()
