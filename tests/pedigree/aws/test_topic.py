"""A message reaches whoever subscribed to the topic, whatever its subject is made of."""

import json

import pytest

from flows.notify import notify
from pedigree.aws.topic import MAX_MESSAGE, MAX_SUBJECT, shorten_message, shorten_subject
from pedigree.settings import Environment
from tests.lab.live_account import LiveAccount


@pytest.mark.usefixtures("prefect_server")
def test_subscriber_of_the_topic_reads_subject_and_message(live: LiveAccount) -> None:
    queue = live.client("sqs").create_queue(QueueName=live.account.project)["QueueUrl"]
    arn = live.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    live.client("sns").subscribe(TopicArn=live.account.topic, Protocol="sqs", Endpoint=arn)
    notify(
        "Rolled back",
        "the smoke test failed\non 2 of 5 images",
        environment=Environment(credentials=live.account.project, project=live.account.project),
    )
    (received,) = live.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(received["Body"])
    assert (body["Subject"], body["Message"]) == ("Rolled back", "the smoke test failed\non 2 of 5 images")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("pedigree: live", "pedigree: live"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("Zürich \x07rings", "Z?rich rings"),
        ("  ", "pedigree"),
        ("x" * 99, "x" * 99),
        ("x" * 100, "x" * 93 + " [...]"),
    ],
)
def test_subject_is_one_line_of_printable_ascii(subject: str, shown: str) -> None:
    assert shorten_subject(subject) == shown
    assert len(shown) <= MAX_SUBJECT


def test_message_is_cut_at_a_whole_character_below_the_limit() -> None:
    cut = shorten_message("ä" * MAX_MESSAGE)
    assert MAX_MESSAGE - 1 <= len(cut.encode()) <= MAX_MESSAGE
    assert cut.endswith("ä [...]")
    assert shorten_message("ä" * (MAX_MESSAGE // 2)) == "ä" * (MAX_MESSAGE // 2)


def test_message_without_text_says_so() -> None:
    assert shorten_message("") == "(no text)"
