"""An embedded AWS that forgets everything on demand: `python -m tests.clients.fresh_server`.

It prints one JSON line with its address and the access key of the account's root, then answers each line of its input with a line when it
has forgotten everything. It ends with its input.
"""

import json
import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path

from local_aws.__main__ import MOTO_SETTINGS


def main() -> None:
    os.environ.update(MOTO_SETTINGS)
    warnings.filterwarnings("ignore")

    from moto.moto_api._internal.models import MotoAPIBackend

    from local_aws.server import LocalAws

    with tempfile.TemporaryDirectory() as folder:
        state, port = Path(folder) / "state", 0
        while True:
            aws = LocalAws("127.0.0.1", port, state)
            port = aws._server.server_port
            threading.Thread(target=aws.serve, daemon=True).start()
            secrets = aws.cloud.secrets
            print(json.dumps({"url": aws.url, "key": secrets.root_key_id, "secret": secrets.root_secret}), flush=True)
            asked = sys.stdin.readline()
            aws.close()
            if not asked:
                return
            MotoAPIBackend("us-east-1", "123456789012").reset()


if __name__ == "__main__":
    main()
