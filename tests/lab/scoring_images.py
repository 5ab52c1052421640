"""Images to score and a model to ask: a script that tells a colour by the bytes, and refuses what is no JPEG in its answer."""

import colorsys
from io import BytesIO

from PIL import Image

from pedigree.settings import Scoring
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, registered

SCRIPT = """
import json, time
NAMES = {names}
def model_fn(folder): return None
def input_fn(body, content_type):
    assert content_type == "application/x-image;refusals=answered", content_type
    return body
def predict_fn(body, model):
    time.sleep({seconds})
    if {poison!r} in body: raise RuntimeError("this one kills me")
    if body[:3] != b"\\xff\\xd8\\xff": return {{"error": {{"type": "BadImage", "message": "this is not a JPEG or PNG"}}}}
    first = sum(body) % 2
    return [{{"label": NAMES[first], "probability": 0.75}}, {{"label": NAMES[1 - first], "probability": 0.25}}]
def output_fn(prediction, accept):
    assert accept == "application/json;labels", accept
    return json.dumps(prediction), accept
"""
SCORING = Scoring(images_per_job=100)


def scorer(live: LiveAccount, *, seconds: float = 0.0, poison: bytes = b"poisonous") -> str:
    """ARN of an approved model package."""
    return registered(live, script=SCRIPT.format(names=CLASSES, seconds=seconds, poison=poison)).arn


def image(number: int) -> bytes:
    """A JPEG of 32 x 32, of a colour of its own."""
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(number / 1000, 0.8, 0.9))
    file = BytesIO()
    Image.new("RGB", (32, 32), (red, green, blue)).save(file, "JPEG", comment=str(number).encode())
    return file.getvalue()
