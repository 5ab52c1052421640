"""No training script and no model server, of an endpoint or a transform job, outlives the server, however it ends."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.lab.processes import alive, wait_until
from tests.lab.running_aws import RunningAws, running_aws
from tests.lab.sagemaker_hosting import make_hosted
from tests.lab.sagemaker_training import make_jobs
from tests.lab.sagemaker_transform import make_transforms

pytestmark = pytest.mark.server


@pytest.fixture
def own_aws() -> Iterator[RunningAws]:
    """A server of this test alone, which it may kill."""
    with running_aws() as server:
        yield server


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_the_server(own_aws: RunningAws, ending: signal.Signals) -> None:
    hosted, jobs = make_hosted(own_aws), make_jobs(own_aws)
    server = int(hosted.ask(hosted.endpoint(hosted.config_of()))["process"])
    job = jobs.start("import os, time; print(os.getpid()); time.sleep(600)")
    jobs.wait(job, lambda described: described["SecondaryStatus"] == "Training")
    wait_until(lambda: jobs.log(job))
    script = json.loads(jobs.log(job)[0])
    batch = make_transforms(own_aws)
    for key, sent in (("in/first", "hello"), ("in/slow", {"sleep": 600})):
        batch.put(key, json.dumps(sent).encode())
    transform = batch.start(batch.hosted.model(), batch.manifest("in/first", "in/slow"))
    wait_until(lambda: batch.answers(transform))
    asked = int(json.loads(batch.answers(transform)["in/first.out"])["process"])
    assert alive(asked)
    assert alive(server)
    assert alive(script)
    own_aws.process.send_signal(ending)
    own_aws.process.wait()
    wait_until(lambda: not any(map(alive, (server, script, asked))), "a child outlived the server")
