"""`code/inference.py` of an artifact: the four functions that the toolkit in AWS's PyTorch inference container image calls.

The toolkit answers 500 to every error except its own error class, so a mistake of the caller must be raised as that class.
https://github.com/aws/sagemaker-inference-toolkit/blob/master/src/sagemaker_inference/transformer.py
"""

from collections.abc import Callable
from typing import Any, TypeVar

from PIL import Image
from sagemaker_inference.errors import GenericInferenceToolkitError  # type: ignore[import-not-found]

from model import inference
from model.inference import Classifier, Prediction, Refusal, RequestError, Unopened, model_fn, output_fn

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]
R = TypeVar("R")


def input_fn(body: bytes, content_type: str) -> Image.Image | Unopened:
    return with_status(inference.input_fn, body, content_type)


def predict_fn(image: Image.Image | Unopened, classifier: Classifier) -> Prediction | Refusal:
    return with_status(inference.predict_fn, image, classifier)


def with_status(function: Callable[..., R], *arguments: Any) -> R:
    try:
        return function(*arguments)
    except RequestError as error:
        raise GenericInferenceToolkitError(error.status, str(error)) from None
