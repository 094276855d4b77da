"""Which allocator a process that merges is to be started with; no library is loaded to say so.

Arrow's own choice takes up to half as much memory again, in pages of 2 MiB of which little is used.
"""

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
