"""The memory allocator for a process that merges, set before Arrow is loaded.

Arrow's default takes up to 50 % more memory, in pages of 2 MiB that are mostly unused.
"""

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
