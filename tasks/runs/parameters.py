"""The fields that a caller leaves out: they come from the deployment, then from the flow's signature, then from the settings group.

Prefect replaces the parameters of the deployment by name, so that `{"epochs": 3}` alone would replace a whole group.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import ParameterTypeError
from prefect.runtime import flow_run
from pydantic import BaseModel, ValidationError

from pedigree.settings.refusal import told
from pedigree.text import did_you_mean
from tasks.runs.lookout import looking_out

P = ParamSpec("P")
R = TypeVar("R")
Parameters = dict[str, Any]


def flow(**options: Any) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """The same as Prefect's `flow`, for a flow whose parameters are settings groups."""

    def decorate(function: Callable[P, R]) -> Flow[P, R]:
        return MergingFlow(function, **options)

    return decorate


class MergingFlow(Flow[P, R]):
    """A flow that completes its parameters before the validation, so that rules between fields see the whole group.

    What is refused is told in our words, and its process looks out for what the server says about the run.
    """

    def __init__(self, fn: Callable[P, R], **options: Any) -> None:
        @wraps(fn)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            with looking_out(self):
                return fn(*args, **kwargs)

        super().__init__(guarded, **options)

    def validate_parameters(self, parameters: Parameters) -> Parameters:
        given = parameters | deployed_parameters()
        require_known(self.fn, given)
        try:
            return super().validate_parameters(merge(signature_defaults(self.fn), given))
        except ParameterTypeError as error:
            if not isinstance(error.__context__, ValidationError):
                raise
            raise ParameterTypeError(told(error.__context__)) from None  # pydantic's own error cannot be pickled


def deployed_parameters() -> Parameters:
    """The parameters of a deployment's run, completed from the deployment and written back for all readers of the run."""
    run_id = flow_run.get_id()
    if run_id is None or FlowRunContext.get() is not None:  # called from Python, or from another flow
        return {}
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(run_id))
        merged = merged_parameters(run)
        if merged != run.parameters:
            client.update_flow_run(run.id, parameters=merged)
    return merged


def merged_parameters(run: FlowRun) -> Parameters:
    """The parameters of a run, begun or not, with the deployment's values for fields that were left out."""
    if run.deployment_id is None:
        return run.parameters
    with get_client(sync_client=True) as client:
        return merge(client.read_deployment(run.deployment_id).parameters, run.parameters)


def require_known(function: Callable[..., Any], parameters: Parameters) -> None:
    """Raise ParameterTypeError for a parameter that the flow does not have; Prefect would name them all and not the wrong one."""
    known = inspect.signature(function).parameters
    unknown = [f"there is no parameter {name}: {did_you_mean(name, known)}" for name in parameters if name not in known]
    if unknown:
        raise ParameterTypeError("\n".join(unknown))


def signature_defaults(function: Callable[..., Any]) -> Parameters:
    """The fields that the flow's defaults set, by parameter name."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}
    return {name: set_fields(default) for name, default in defaults.items() if isinstance(default, BaseModel)}


def set_fields(value: Any) -> Any:
    """The given fields of a settings group as a dict; any other value unchanged."""
    return value.model_dump(exclude_unset=True) if isinstance(value, BaseModel) else value


def merge(base: Parameters, given: Parameters) -> Parameters:
    """Merge `given` over `base`, also groups inside groups; a list replaces a list, and an explicit null is a value."""
    merged = {**base, **{name: set_fields(value) for name, value in given.items()}}
    for name in base.keys() & given.keys():
        value = merged[name]
        if isinstance(base[name], dict) and isinstance(value, dict):
            merged[name] = merge(base[name], value)
    return merged
