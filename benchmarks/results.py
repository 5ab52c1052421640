"""One file with the results of all benchmarks, each with its machine and its date."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")


def record(name: str, **figures: Any) -> None:
    """Replace the last results of this benchmark."""
    known = every()
    measured = {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
    known[name] = {**measured, **figures}
    RESULTS.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


def recorded(name: str) -> dict[str, Any]:
    """The last results of a benchmark; empty when there are none."""
    last: dict[str, Any] = every().get(name, {})
    return last


def every() -> dict[str, Any]:
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return results


def machine() -> str:
    return f"{os.cpu_count()} cores, {processor()}, {platform.system()}, Python {platform.python_version()}"


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
