"""In place of a trial: a loss that follows from the learning rate alone."""

import math

from .job import classes_of, guesses, hyperparameters, images_of, write, write_evaluation

BEST_RATE = 0.01


def main() -> None:
    loss = 0.1 + abs(math.log10(float(hyperparameters()["learning_rate"]) / BEST_RATE))
    print(f"epoch=1 train:loss=0.5 valid:loss={loss:.4f} valid:accuracy=0.9", flush=True)
    images = images_of("valid")
    classes = classes_of(images)
    write("history.json", [{"epoch": 1, "valid_loss": loss, "valid_accuracy": 0.9}])
    write_evaluation(images, classes, guesses(images, classes, 1))


if __name__ == "__main__":
    main()
