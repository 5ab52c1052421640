"""Amounts as people read them."""


def dollars(usd: float) -> str:
    """`$1,234.50`; what is there but rounds to nothing is `under $0.01`."""
    return "under $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
