"""The Prefect options that all tasks share."""

import importlib
import pkgutil

import pytest
from prefect import Task
from prefect.cache_policies import NO_CACHE

import tasks

MODULES = [module.name for module in pkgutil.walk_packages(tasks.__path__, "tasks.")]


@pytest.mark.parametrize("module", MODULES)
def test_no_task_computes_a_cache_key_of_its_arguments_nor_keeps_its_result(module: str) -> None:
    found = [each for each in vars(importlib.import_module(module)).values() if isinstance(each, Task)]
    assert [each.name for each in found if each.cache_policy != NO_CACHE or each.persist_result] == []
