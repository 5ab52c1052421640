"""The page docs/instances.md, made of the tables of prices and of hardware.

python -m docs.make.instances_page > docs/instances.md
"""

import json
from typing import Any

from pedigree.cost.choice import is_sagemaker
from pedigree.prices.instances import TABLE as HARDWARE
from pedigree.prices.instances import hardware_of
from pedigree.prices.prices import TABLE as PRICES
from pedigree.text import rate, table

HEAD = """# Instances

Each run of `operationalize` and `retrain` shows, before it trains, what the training would take and cost on each of these types: the
artifact `<project>-instances`, with the recommended one and why in a sentence. It decides nothing: `training.instance_type` does.

- **Measured** is what a completed job of this account said of its last epoch, in images a second of all its instances together, and
  what it was billed for besides epochs: loading, testing, packing. The newest job with the same architecture, image size and frozen
  part counts, scaled to this run's images and epochs. Only what is measured is recommended: the cheapest that ends within
  `training.max_runtime_seconds`.
- **An estimate** is made only within a family, whose sizes have the same processor and GPU: as fast as the same machine, as fast as
  the same GPU, or in proportion to the vCPUs. It is called so; whether it holds is not known. Of a family where nothing ran, nothing
  is said.
- With nothing measured there is no recommendation. Run once, with a `budget_usd`, to have one.
- **Spot**: SageMaker publishes no spot price. What a job saved is known when it has ended, as
  1 - BillableTimeInSeconds / TrainingTimeInSeconds; AWS says up to 90%. The artifact shows it where a measured job ran so. EC2's
  changes: `aws ec2 describe-spot-price-history`.
"""
HEADER = ("type", "vCPU", "memory", "GPU", "training, an hour", "endpoint, an hour", "prices from")


def page() -> str:
    prices, hardware = (json.loads(path.read_text()) for path in (PRICES, HARDWARE))
    rows = [row(name, uses) for name, uses in prices["instance_hours"].items() if hardware_of(name)]
    sources = [f"- {name}: {prices['sources'][name]}" for name in ("price list", "tables", "ec2")]
    said = (
        f"Prices on demand in {prices['region']}, table of {prices['date']}. A run asks the Price List API first, and says which it took."
    )
    return "\n".join([HEAD, said, "", table(HEADER, rows), "", *sources, f"- Hardware: {hardware['source']}.", ""])


def row(name: str, uses: dict[str, Any]) -> tuple[str, ...]:
    hardware = hardware_of(name)
    assert hardware is not None, "only types with known hardware are on the page"
    training = uses.get("training" if is_sagemaker(name) else "ec2")
    cells = (f"`{name}`", str(hardware.vcpus), hardware.memory, hardware.graphics)
    return (*cells, rate(training) if training else "", rate(uses["hosting"]) if "hosting" in uses else "", uses["from"])


if __name__ == "__main__":
    print(page(), end="")
