"""The study: it proposes the next trial from the results so far."""

import threading
from typing import TYPE_CHECKING
from zlib import crc32

from pedigree.settings import Training, Tuning
from pedigree.tuning.ledger import Ledger
from pedigree.tuning.space import Parameters, search_space, starting_point
from pedigree.tuning.spending import Spending
from pedigree.tuning.trial import Trial

if TYPE_CHECKING:
    import optuna


STARTUP = 4  # random trials before the sampler learns, and completed trials before the first pruning


class Study:
    """One study, shared by the threads of its trials. Optuna only calculates: the ledger and the jobs are the memory.

    A proposal depends on the seed, the trial's number and the ended trials, and is fixed as soon as it is in the ledger.
    """

    def __init__(self, ledger: Ledger, training: Training, tuning: Tuning, spending: Spending) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.ledger, self.spending, self.trials = ledger, spending, list[Trial]()
        self.training, self.tuning = training, tuning
        self._first, self._seed, self._epochs = starting_point(training, tuning), training.seed, training.epochs
        self._space = search_space(tuning)
        self._optuna = optuna.create_study(pruner=pruner(training.epochs) if tuning.prune else optuna.pruners.NopPruner())
        self._asked: dict[int, optuna.Trial] = {}
        self._lock = threading.RLock()

    def propose(self, number: int) -> Parameters:
        """The parameters of a trial: from the ledger, or else drawn now and written to the ledger."""
        with self._lock:
            if number not in self._asked:
                parameters = self.ledger.proposal(number)
                if parameters is None:
                    parameters = self.ledger.propose(number, self._draw(number))
                self._optuna.enqueue_trial(parameters)
                self._asked[number] = self._optuna.ask(self._space)
            return dict(self._asked[number].params)

    def is_hopeless(self, number: int, losses: dict[int, float]) -> bool:
        """Whether a running trial should be pruned; after its last epoch pruning saves nothing."""
        with self._lock:
            self._report(number, losses)
            return max(losses, default=self._epochs) < self._epochs and self._asked[number].should_prune()

    def tell(self, trial: Trial) -> None:
        from optuna.trial import TrialState

        states = {"completed": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        with self._lock:
            self._report(trial.number, trial.losses)
            self._optuna.tell(self._asked[trial.number], trial.loss if trial.status == "completed" else None, state=states[trial.status])
            self.trials = sorted([*self.trials, trial], key=lambda each: each.number)
        self.spending.settle(trial.job_name, trial.billable_seconds)

    def _draw(self, number: int) -> Parameters:
        import optuna

        # a sampler for the whole study would repeat its first draw after a crash
        self._optuna.sampler = optuna.samplers.TPESampler(seed=crc32(f"{self._seed}/{number}".encode()), n_startup_trials=STARTUP)
        if number == 0:
            self._optuna.enqueue_trial(self._first)
        draft = self._optuna.ask(self._space)
        self._optuna.tell(draft, state=optuna.trial.TrialState.FAIL)  # only the parameters of this draft are used
        return dict(draft.params)

    def _report(self, number: int, losses: dict[int, float]) -> None:
        known = self._optuna.get_trials(deepcopy=False)[self._asked[number].number].intermediate_values
        for epoch, loss in losses.items():
            if epoch not in known:
                self._asked[number].report(loss, epoch)


def pruner(epochs: int) -> "optuna.pruners.BasePruner":
    """The pruner of trials worse than the median of completed trials at the same epoch.

    It acts from the second third of the epochs on, because a high learning rate needs time to decrease.
    """
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=-(-epochs // 3))
