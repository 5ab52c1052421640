"""The pictures: real images of moderate size that show what they should."""

import base64
import io
from typing import Literal

import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from tasks.report.confusion import commonest_mistakes, draw_confusion_matrix
from tasks.report.figures import draw_contact_sheet, draw_learning_curves, draw_pictures
from tests.tasks.report_records import sample_images, trained_model


def test_pictures_are_images_and_small_enough_for_one_page() -> None:
    pictures = draw_pictures(trained_model(), sample_images())
    assert list(pictures) == ["Learning curves", "Confusion matrix", "Sample predictions"]
    for url in pictures.values():
        kind, _, data = url.removeprefix("data:image/").partition(";base64,")
        image = Image.open(io.BytesIO(base64.b64decode(data)))
        assert image.format == kind.upper()
        assert image.width >= 700
    assert sum(map(len, pictures.values())) < 400_000


def test_without_sample_images_there_is_no_contact_sheet() -> None:
    assert "Sample predictions" not in draw_pictures(trained_model(), {})


def test_learning_curves_show_every_epoch_and_mark_the_kept_one() -> None:
    loss, accuracy = draw_learning_curves(trained_model().history, chance=0.5).axes
    train, valid, kept = loss.lines
    assert values(train, "y") == [0.9, 0.4, 0.2]
    assert values(valid, "y") == [0.8, 0.5, 0.7]
    assert (values(kept, "x"), values(kept, "y")) == ([2], [0.5])
    assert [values(line, "y") for line in accuracy.lines] == [[0.5, 0.8, 0.95], [0.6, 0.9, 0.85], [0.5, 0.5]]


def test_few_classes_are_named_and_counted() -> None:
    (axes,) = draw_confusion_matrix(trained_model().evaluation).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Rings", "Stripes"]
    assert [text.get_text() for text in axes.texts] == ["19", "1", "95%", "2", "18", "90%"]


def test_many_classes_list_their_commonest_mistakes() -> None:
    count = 133
    confusion = [[8 if row == column else 0 for column in range(count)] for row in range(count)]
    confusion[4][7], confusion[9][2] = 1, 3
    evaluation = trained_model(confusion, tuple(f"{number:03d}.Breed_{number}" for number in range(count))).evaluation
    assert commonest_mistakes(evaluation) == [("Breed 9 → Breed 2", 3), ("Breed 4 → Breed 7", 1)]
    _matrix, mistakes = draw_confusion_matrix(evaluation).axes
    assert [label.get_text() for label in mistakes.get_yticklabels()] == ["Breed 9 → Breed 2", "Breed 4 → Breed 7"]
    assert [text.get_text() for text in mistakes.texts] == ["3", "1"]


@pytest.mark.parametrize(("tile", "captions"), [(0, ["✓ Rings 98%", ""]), (1, ["✗ Rings 61%", "actual: Stripes"])])
def test_tile_says_what_the_model_saw_and_what_it_is(tile: int, captions: list[str]) -> None:
    figure = draw_contact_sheet(trained_model().evaluation.samples, sample_images())
    assert [text.get_text() for text in figure.axes[tile].texts] == captions


def values(line: Line2D, axis: Literal["x", "y"]) -> list[float]:
    """What a line was drawn from."""
    numbers: list[float] = np.asarray(line.get_xdata() if axis == "x" else line.get_ydata()).tolist()
    return numbers
