"""The figures: PNGs and JPEGs of moderate size that show what they should."""

import base64
import io
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from pedigree.report.confusion import commonest_mistakes, draw_confusion_matrix
from pedigree.report.figures import draw_contact_sheet, draw_figures, draw_learning_curves
from pedigree.report.pairs import draw_pairs
from pedigree.report.recall import draw_recalls
from pedigree.report.report import Mistake
from pedigree.statistics import binomial_interval
from pedigree.trained_model import Evaluation
from tests.lab.report_records import sample_images, trained_model

ALL = ["Learning curves", "Confusion matrix", "Recall by class", "Most confused pairs", "Sample predictions"]


def test_figures_are_small_enough_for_one_page() -> None:
    figures = draw_figures(trained_model().history, trained_model().evaluation, sample_images, valid_images=40)
    assert (list(figures.urls), figures.not_drawn) == (ALL, {})
    for url in figures.urls.values():
        kind, _, data = url.removeprefix("data:image/").partition(";base64,")
        image = Image.open(io.BytesIO(base64.b64decode(data)))
        assert image.format == kind.upper()
        assert image.width >= 700
    assert sum(map(len, figures.urls.values())) < 400_000


def test_a_class_may_be_called_anything() -> None:
    """No name is read as a formula, and none breaks a figure."""
    first, second = "1.a$\\frac$b\n<script>", "2.\udcff|`"
    model = trained_model(classes=(first, second))
    samples = [{**sample, "label": first, "predicted": second} for sample in model.evaluation.samples]
    pairs = ({"label": second, "predicted": first, "mistaken": "pairs/0-mistaken.jpg", "typical": "pairs/0-typical.jpg"},)
    model = replace(model, evaluation=replace(model.evaluation, samples=samples, pairs=pairs))
    assert draw_figures(model.history, model.evaluation, sample_images, valid_images=40).not_drawn == {}


def test_without_photographs_there_is_no_contact_sheet_and_no_pair() -> None:
    model = trained_model()
    model = replace(model, evaluation=replace(model.evaluation, samples=[], pairs=()))
    assert list(draw_figures(model.history, model.evaluation, dict, valid_images=40).urls) == ALL[:3]


def test_a_model_that_confuses_nothing_has_no_pairs() -> None:
    model = trained_model([[20, 0], [0, 20]])
    model = replace(model, evaluation=replace(model.evaluation, pairs=()))
    assert "Most confused pairs" not in draw_figures(model.history, model.evaluation, sample_images, valid_images=40).urls


def test_a_figure_that_cannot_be_drawn_is_named_and_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(evaluation: Evaluation) -> Figure:
        raise RuntimeError(f"no font for {len(evaluation.classes)} classes")

    monkeypatch.setattr("pedigree.report.figures.draw_recalls", fail)
    figures = draw_figures(trained_model().history, trained_model().evaluation, sample_images, valid_images=40)
    assert list(figures.urls) == [title for title in ALL if title != "Recall by class"]
    assert figures.not_drawn == {"Recall by class": "RuntimeError: no font for 2 classes"}


def test_photographs_that_cannot_be_read_cost_only_the_figures_of_them() -> None:
    def gone() -> dict[str, bytes]:
        raise KeyError("samples/00.jpg")

    figures = draw_figures(trained_model().history, trained_model().evaluation, gone, valid_images=40)
    assert (list(figures.urls), list(figures.not_drawn)) == (ALL[:3], ALL[3:])


def test_learning_curves_show_every_epoch_and_mark_the_kept_one() -> None:
    loss, accuracy = draw_learning_curves(trained_model().history, baseline=0.5, valid_images=40).axes
    train, valid, kept = loss.lines
    assert values(train, "y") == [0.9, 0.4, 0.2]
    assert values(valid, "y") == [0.8, 0.5, 0.7]
    assert (values(kept, "x"), values(kept, "y")) == ([2], [0.5])
    assert [values(line, "y") for line in accuracy.lines] == [[0.5, 0.8, 0.95], [0.6, 0.9, 0.85], [0.5, 0.5]]


def test_the_validation_accuracy_is_drawn_with_its_exact_intervals() -> None:
    _loss, accuracy = draw_learning_curves(trained_model().history, baseline=0.5, valid_images=40).axes
    (band,) = accuracy.collections
    corners = {(round(x), round(y, 4)) for x, y in np.asarray(band.get_paths()[0].vertices).tolist()}
    for epoch, right in ((1, 24), (2, 36), (3, 34)):
        assert {(epoch, round(end, 4)) for end in binomial_interval(right, 40)} <= corners


def test_recalls_are_drawn_with_their_exact_intervals_the_least_known_first() -> None:
    (axes,) = draw_recalls(trained_model().evaluation).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Stripes  18/20", "Rings  19/20"]
    (whiskers,) = (container for container in axes.containers if isinstance(container, ErrorbarContainer))
    ends = [tuple(segment[:, 0].tolist()) for segment in whiskers.lines[2][0].get_segments()]
    assert ends == [pytest.approx(binomial_interval(18, 20)), pytest.approx(binomial_interval(19, 20))]


def test_of_many_classes_the_least_known_ones_are_drawn() -> None:
    confusion = [
        [number if row == column else 30 - number if column == (row + 1) % 30 else 0 for column in range(30)]
        for row, number in enumerate(range(30))
    ]
    (axes,) = draw_recalls(trained_model(confusion, tuple(f"class {number}" for number in range(30))).evaluation).axes
    assert [label.get_text() for label in axes.get_yticklabels()][::19] == ["class 0  0/30", "class 19  19/30"]
    assert axes.get_title(loc="left").startswith("The 20 least known of 30 classes")


def test_a_pair_is_what_was_mistaken_and_what_it_was_taken_for() -> None:
    figure = draw_pairs(trained_model().evaluation, sample_images())
    captions = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert captions == [
        ["✗ Stripes", "2 of 20 taken for →"],
        ["✓ Rings", "right answer"],
        ["✗ Rings", "1 of 20 taken for →"],
        ["Stripes:\nnever right"],
    ]


def test_few_classes_are_named_and_counted() -> None:
    (axes,) = draw_confusion_matrix(trained_model().evaluation).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Rings", "Stripes"]
    assert [text.get_text() for text in axes.texts] == ["19", "1", "95%", "2", "18", "90%"]


def test_many_classes_list_their_commonest_mistakes() -> None:
    count = 133
    confusion = [[8 if row == column else 0 for column in range(count)] for row in range(count)]
    confusion[4][7], confusion[9][2] = 1, 3
    evaluation = trained_model(confusion, tuple(f"{number:03d}.Breed_{number}" for number in range(count))).evaluation
    assert commonest_mistakes(evaluation) == [Mistake("009.Breed_9", "002.Breed_2", 3), Mistake("004.Breed_4", "007.Breed_7", 1)]
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
