"""What a student has on their disk: AWS profiles of a stack, a few pictures in two classes, and the scripts of the course."""

import io
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from deployments.laptop.account import STUDENT, make_administrator, make_student, write_profiles
from deployments.laptop.stack import Service, Stack
from tests.lab.running_aws import RunningAws

SCRIPTS = Path(__file__).with_name("students")
CLASSES = {"001.Red": "red", "002.Blue": "blue"}


def write_course(aws: RunningAws, folder: Path) -> None:
    """Write the profiles as `make up` does, and the pictures."""
    (folder / "local_aws").symlink_to(aws.state)
    administrator = make_administrator(Stack(folder, {"local_aws": Service(aws.process.pid, 0.0, urlsplit(aws.url).port or 0)}))
    roles = {STUDENT: make_student(administrator.client("iam", endpoint_url=aws.url))}
    write_profiles(folder / "aws", administrator, endpoint_url=aws.url, roles=roles)
    for name, color in CLASSES.items():
        (folder / "dogImages" / name).mkdir(parents=True)
        for number in range(4):
            (folder / "dogImages" / name / f"{number}.jpg").write_bytes(picture(color))


def picture(color: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(content, "JPEG")
    return content.getvalue()
