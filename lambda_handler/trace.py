"""The one log line of a request, as JSON, so that CloudWatch Logs Insights can count and sum it."""

import json
import time
from dataclasses import asdict, dataclass, field


@dataclass
class Trace:
    """What is known of a request as far as it came: the kind of its source, the image's size, the type of its error."""

    request_id: str
    source: str = ""
    bytes: int = 0
    error: str = ""
    began: float = field(default_factory=time.monotonic)

    def write(self, status: int) -> None:
        record = asdict(self) | {"status": status, "milliseconds": round((time.monotonic() - self.began) * 1000, 1)}
        del record["began"]
        print(json.dumps(record), flush=True)
