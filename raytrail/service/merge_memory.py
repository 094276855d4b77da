"""The memory of a process that merges: its allocator, and its limit."""

import resource

# Set before Arrow is loaded. Its default takes up to 50 % more memory, in pages of 2 MiB that are
# mostly unused.
ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}

# A merge must fail before the kernel kills a receiver for lack of memory. Twice what the largest
# day took when measured.
BYTES_MAX = 4 * 2**30


def limit() -> None:
    """Limit the memory of this process, which must be the compactor's own."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES_MAX, hard))
