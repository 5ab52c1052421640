"""Amounts as people read them."""


def dollars(usd: float) -> str:
    """`$1,234.50`; what is there but rounds to nothing is `under $0.01`."""
    return "under $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def rate(usd_per_hour: float) -> str:
    """`$0.736`: prices of instances have three digits."""
    return "under $0.001" if usd_per_hour < 0.0005 else f"${usd_per_hour:,.3f}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
