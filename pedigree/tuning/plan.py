"""The cost of a study before anything is created."""

import logging
from dataclasses import replace

from pedigree.aws.clients import client
from pedigree.aws.quotas import require_quotas, training_quotas
from pedigree.cost.history import expected_training
from pedigree.cost.lines import job_lines
from pedigree.prices.prices import read_prices
from pedigree.settings import Training, Tuning
from pedigree.tuning.space import require_trials_trainable
from pedigree.values import Account, CostPlan

LOG = logging.getLogger(__name__)


def forecast_study(account: Account, training: Training, tuning: Tuning, budget_usd: float | None) -> CostPlan:
    """Forecast the cost of all trials, with the trials that exist already and the trials that will be pruned.

    Raises QuotaTooLow when a quota allows too few instances, and InvalidInput for a budget without a known price or a trial that must fail.
    """
    require_trials_trainable(training, tuning, {})
    prices = read_prices(account, [training.instance_type])
    one = expected_training(client(account.credentials, "sagemaker"), account.project, training, kinds=("trial", "train"))
    every = replace(one, hours=one.hours * tuning.trials, basis=f"{tuning.trials} trials; {one.basis}")
    lines = job_lines("trials", training.instance_count, every, prices, training)
    require_quotas(account, training_quotas(training, jobs=min(tuning.parallel, tuning.trials)))
    if budget_usd is not None:
        prices.require("training", training.instance_type)
    plan = CostPlan(run=lines, month=(), by_hand=(), prices_of=prices.source)
    LOG.info(f"This study costs {plan.resource}")
    return plan
