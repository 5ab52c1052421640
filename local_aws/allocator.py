"""The C library's allocator, set to give freed memory back: requests are parsed by many threads, and models of services are large."""

import ctypes

M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8  # https://man7.org/linux/man-pages/man3/mallopt.3.html
KEPT_BYTES = 128 * 1024  # free bytes at the end of the heap; left alone, glibc raises its default with the size of what is freed


def give_memory_back() -> None:
    """Use one arena for all threads, which share Python's lock anyway, and trim it; other C libraries than glibc stay as they are."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
