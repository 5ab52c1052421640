"""Serve the embedded AWS: `python -m local_aws --port 4566 --state .pedigree/aws`. Port 0 means any free port."""

import argparse
import os
import signal
import sys
import threading
import warnings
from pathlib import Path

from local_aws.allocator import give_memory_back

# moto reads these variables when it is imported
MOTO_SETTINGS = {
    "MOTO_ACCOUNT_ID": "123456789012",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
}


def main() -> int:
    options = parse_options()
    os.environ.update(MOTO_SETTINGS)
    warnings.filterwarnings("ignore", module="moto")
    warnings.filterwarnings("ignore", message=r".* does not match an error shape")  # the service models do not list AWS's common errors

    from local_aws.server import LocalAws
    from local_aws.service_models import read_lean_models

    give_memory_back()
    read_lean_models()
    try:
        aws = LocalAws(options.host, options.port, options.state)
    except OSError as error:
        return fail(f"cannot serve on {options.host}:{options.port}: {error.strerror}. Choose another --port.")
    except ValueError as error:
        return fail(f"cannot start: {error}.")
    try:
        aws.cloud.pace.add({"speed": options.speed})
    except ValueError as error:
        return fail(f"--{error}.")
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    serving = threading.Thread(target=aws.serve, daemon=True)
    serving.start()
    print(f"local_aws ready on {aws.url}", flush=True)
    ending.wait()
    aws.close()
    return 0


def fail(reason: str) -> int:
    print(f"local_aws {reason}", file=sys.stderr)
    return 2


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_aws", description="An embedded AWS in which things really run.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4566, help="TCP port; 0 means any free port")
    parser.add_argument("--state", type=Path, required=True, help="folder of all files on disk, in which the records are kept")
    parser.add_argument("--speed", type=float, default=1, help="factor by which alarms, cooldowns and bake times run faster")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
