"""The parts of the memory by themselves: rows, pickles of what pickle alone cannot do, and the order of writes."""

import hashlib
import inspect
import re
import threading
import weakref
from collections import defaultdict
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws.call import AwsError, Call, Principal
from local_aws.endpoints.container import Container
from local_aws.endpoints.endpoint import Endpoint
from local_aws.endpoints.variant import Origin
from local_aws.functions.provision import Provision
from local_aws.functions.spec import Spec
from local_aws.functions.urls import UrlConfig
from local_aws.memory import records
from local_aws.memory.changes import EVERY, PARTS, parts_of
from local_aws.memory.database import FILE, STATE, Database
from local_aws.memory.memory import Memory, Part
from local_aws.memory.pickling import dump, load
from local_aws.metrics.alarms import HistoryItem
from local_aws.scaling.activities import Activity
from local_aws.series import Datum, Series
from local_aws.sessions import Session
from local_aws.store.records import Named
from local_aws.training.job import Job as TrainingJob
from local_aws.transform.job import Job as TransformJob

ROOT = Path(__file__).parents[2]


class Ages(defaultdict[str, int]):
    def __init__(self, region: str) -> None:
        super().__init__(int)
        self.region = region


def call(service: str, operation: str) -> Call:
    return Call(service, operation, Principal("arn:aws:iam::123456789012:root"), {})


def test_rows_outlive_the_database(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.write({("keys", "b"): b"1", ("keys", "a"): b"2", ("other", "a"): b"3"})
    database.write({("keys", "b"): b"4", ("other", "a"): None})
    database.close()
    assert not database.write({("keys", "c"): b"5"})
    again = Database(tmp_path)
    assert list(again.rows("keys").items()) == [("b", b"4"), ("a", b"2")]
    assert again.rows("other") == {}
    again.close()


def test_locks_lambdas_and_odd_dictionaries_come_back() -> None:
    greeting = "hello"
    ages = Ages("here")
    ages["cat"] = 3
    kept = {"lock": threading.RLock(), "greet": lambda name: f"{greeting} {name}", "ages": ages, "deep": defaultdict(lambda: [1])}
    back = load(dump(kept, "", {}))
    assert back["greet"]("cat") == "hello cat"
    assert (back["ages"], back["ages"].region, back["ages"]["dog"]) == ({"cat": 3, "dog": 0}, "here", 0)
    assert back["deep"]["new"] == [1]
    assert back["lock"].acquire(blocking=False)
    assert isinstance(load(dump(weakref.WeakValueDictionary(), "", {})), weakref.WeakValueDictionary)


class Restless:
    """A record that another thread changes while it is pickled for the first time."""

    tries = 0

    def __getstate__(self) -> dict[str, int]:
        Restless.tries += 1
        if Restless.tries == 1:
            raise RuntimeError("dictionary changed size during iteration")
        return {"tries": Restless.tries}


def test_a_record_that_changes_meanwhile_is_pickled_again() -> None:
    assert vars(load(dump(Restless(), "", {}))) == {"tries": 2}


def test_a_write_keeps_the_changes_that_came_before_it() -> None:
    part, writing, go_on, written = Part(), threading.Event(), threading.Event(), []

    def slow() -> bool:
        writing.set()
        go_on.wait()
        written.append("write")
        return True

    threads = [threading.Thread(target=part.keep, args=[slow])]
    threads[0].start()
    writing.wait()
    threads += [threading.Thread(target=part.keep, args=[slow]) for _ in range(5)]
    for thread in threads[1:]:
        thread.start()
    while part._asked < 6:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert written == ["write", "write"], "the five changes during the first write are kept by one more"


def test_after_its_end_nothing_is_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "modules_in_use", lambda: {"iam"})
    monkeypatch.setattr(records, "save", lambda *_, **_kinds: b"records")
    memory = Memory(Database(tmp_path))
    memory.keep_call(call("iam", "CreateRole"))
    memory.close()
    with pytest.raises(AwsError, match="is ending"):
        memory.keep_call(call("iam", "CreateRole"))
    memory.keep_call(call("iam", "ListRoles"))


def test_records_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.write({("records", "iam"): b"no pickle"})
    with pytest.raises(ValueError, match=rf"{FILE}: the records of iam cannot be read"):
        Memory(database).restore()
    database.close()


@pytest.mark.parametrize(
    ("service", "operation", "parts"),
    [
        ("sagemaker", "CreateTrainingJob", ("training_jobs",)),
        ("sagemaker", "CreateEndpointConfig", ("sagemaker",)),
        ("sagemaker", "UpdateEndpoint", ("endpoints",)),
        ("sagemaker", "CreateModel", ("sagemaker",)),
        ("sagemaker", "AddTags", PARTS["sagemaker"]),
        ("sagemaker", "DescribeModel", ()),
        ("application-autoscaling", "PutScalingPolicy", ("applicationautoscaling", "iam", "cloudwatch")),
        ("cloudformation", "CreateStack", EVERY),
        ("sns", "Publish", ("sns", "sqs")),
        ("ecr", "PutImage", ()),
    ],
)
def test_a_call_changes_these_parts(service: str, operation: str, parts: tuple[str, ...]) -> None:
    assert parts_of(call(service, operation)) == parts


def test_a_shelf_is_what_was_there_before() -> None:
    memory, make = Memory(), lambda: {"made": 1}
    assert memory.shelf("iam", "own", make) is memory.shelf("iam", "own", make)


def test_the_page_lists_the_services_that_are_kept_at_every_call() -> None:
    section = (ROOT / "docs" / "local-aws.md").read_text().partition("## What it keeps\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted([*PARTS, "cloudformation", "sts"])


KEPT = (
    Activity,
    Container,
    Datum,
    Endpoint,
    HistoryItem,
    Named,
    Origin,
    Provision,
    Series,
    Session,
    Spec,
    TrainingJob,
    TransformJob,
    UrlConfig,
)
LAYOUTS = {1: "ac41cf8f5a88bcd9"}  # STATE -> the digest of what is kept of our classes


def test_a_change_of_the_kept_classes_raises_the_state() -> None:
    """Raise STATE in local_aws/memory/database.py, and add its digest: a state of before is then refused, and not read wrongly."""
    assert LAYOUTS[STATE] == hashlib.sha256("".join(map(layout, KEPT)).encode()).hexdigest()[:16]


def layout(kind: type[Any]) -> str:
    """The names of all that is kept of a class: its fields, or the method that says it."""
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else getattr(kind, "_fields", None)
    return f"{kind.__module__}.{kind.__name__}: {names or inspect.getsource(kind.__getstate__)}"
