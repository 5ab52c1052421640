"""The one log line of a request, as JSON, so that CloudWatch Logs Insights can count and sum its fields."""

import json
import time
from dataclasses import asdict, dataclass, field


@dataclass
class Trace:
    """The facts about a request that are known so far: the kind of source, the size of the image, the type of the error."""

    request_id: str
    source: str = ""
    bytes: int = 0
    error: str = ""
    began: float = field(default_factory=time.monotonic)

    def write(self, status: int) -> None:
        record = asdict(self) | {"status": status, "milliseconds": round((time.monotonic() - self.began) * 1000, 1)}
        del record["began"]
        print(json.dumps(record), flush=True)
