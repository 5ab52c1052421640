"""One trial of a tuning study: train and validate as `model.train` does, without a test channel and without a model artifact.

cd /opt/ml/input/data/code && python -m model.trial
"""

from model.contract import Container, running_job
from model.distributed import World, run_ranks
from model.evaluate import evaluate, write_evaluation
from model.network import device
from model.train import learn, write_history


def main() -> None:
    with running_job() as container:
        run_ranks(run_trial, container)


def run_trial(container: Container, world: World) -> None:
    """Train, then write the history of all epochs and the validation of the best epoch."""
    network, valid_set, fitted = learn(container, container.hyperparameters(), world)
    evaluation = evaluate(network, valid_set, device(), world=world)
    world.leave()
    if world.rank == 0:
        write_history(container.output_data, fitted.history)
        write_evaluation(container.output_data, evaluation, valid_set.entries, valid_set.classes)


if __name__ == "__main__":
    main()
