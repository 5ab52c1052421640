import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_aws.iam.evaluator import Decision, Request, evaluate, parse_policy
from local_aws.journal import Entry, Journal, full_files, journal_end, read_journal
from tests.lab.running_aws import RunningAws, allow, document
from tests.local_aws.deployed import zip_of


def test_entries_are_read_as_they_were_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write(Entry("arn:aws:iam::1:role/r", "s3:GetObject", "arn:aws:s3:::b/k", "NoSuchKey", fault="fault-1"))
    (entry,) = read_journal(tmp_path / "journal.jsonl")
    assert (entry.principal, entry.action, entry.resource, entry.outcome, entry.fault) == (
        "arn:aws:iam::1:role/r",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        "NoSuchKey",
        "fault-1",
    )
    assert entry.time.endswith("+00:00")


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    def write(principal: str) -> None:
        for _ in range(50):
            journal.write(Entry(principal, "a:B", "x" * 5000))

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(read_journal(journal.path))) == 400


def test_a_full_file_is_put_aside_and_still_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", limit=1000)
    ends = []
    for number in range(40):
        journal.write(Entry(str(number), "a:B", "*"))
        ends.append(journal_end(journal.path))
    assert len(full_files(journal.path)) > 2
    assert [entry.principal for entry in read_journal(journal.path)] == [str(number) for number in range(40)]
    for number in (0, 17, 39):
        assert [entry.principal for entry in read_journal(journal.path, ends[number])] == [str(later) for later in range(number + 1, 40)]


def test_the_oldest_full_files_go_and_positions_stay(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", limit=1)  # each entry fills a file
    for number in range(20):
        journal.write(Entry(str(number), "a:B", "*"))
    end = journal_end(journal.path)
    assert [entry.principal for entry in read_journal(journal.path)] == [str(number) for number in range(11, 20)]
    journal.write(Entry("20", "a:B", "*"))
    assert [entry.principal for entry in read_journal(journal.path, end)] == ["20"]


def test_an_entry_can_be_replayed_against_a_policy(aws: RunningAws) -> None:
    """Every requirement is there with its condition keys, so another policy can be asked about the same call."""
    role, start = aws.make_role(trusts={"Service": "lambda.amazonaws.com"}), aws.journal_size()
    aws.client("lambda").create_function(
        FunctionName="replayed", Runtime="python3.11", Handler="h.h", Role=role, Code={"ZipFile": zip_of("")}, Tags={"team": "a"}
    )
    (entry,) = [each for each in aws.journal(start) if each.action == "lambda:CreateFunction"]
    assert [each["action"] for each in entry.requirements] == ["lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"]
    everything = allow("lambda:*", "*", Condition={"StringEquals": {"aws:RequestTag/team": "a"}})
    for service, decision in (("lambda", Decision.ALLOWED), ("sagemaker", Decision.IMPLICIT_DENY)):
        passing = allow("iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}})
        assert {replay(entry, document(everything, passing), index) for index in range(2)} == {Decision.ALLOWED}
        assert replay(entry, document(everything, passing), 2) is decision
    aws.client("lambda").delete_function(FunctionName="replayed")


def replay(entry: Entry, policy: str, index: int) -> Decision:
    needed = entry.requirements[index]
    return evaluate([parse_policy(policy)], Request(needed["action"], needed["resource"], {**entry.context, **needed["context"]}))


def test_a_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).write(Entry("p", "a:B", "*"))
    with path.open("a") as file:
        file.write('{"principal": "p", "act')
    assert len(list(read_journal(path))) == 1


def test_no_journal_has_no_entries(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path / "none")) == []


def test_a_call_is_one_line_with_who_what_and_outcome(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    role = aws.make_role(allow("s3:PutObject", "*"))
    s3 = aws.client("s3", aws.assume(role))
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    with pytest.raises(ClientError):
        s3.delete_object(Bucket=bucket, Key="a")
    entries = [entry for entry in aws.journal() if entry.principal == role]
    assert [(entry.action, entry.resource, entry.outcome) for entry in entries] == [
        ("s3:PutObject", f"arn:aws:s3:::{bucket}/a", "ok"),
        ("s3:DeleteObject", f"arn:aws:s3:::{bucket}/a", "AccessDenied"),
    ]


def test_motos_errors_are_outcomes_too(aws: RunningAws) -> None:
    names = {"s3": ("get_object", {"Bucket": "missing-bucket", "Key": "k"}), "iam": ("get_role", {"RoleName": "missing-role"})}
    for service, (method, arguments) in names.items():
        with pytest.raises(ClientError):
            getattr(aws.client(service), method)(**arguments)
    outcomes = {entry.resource: entry.outcome for entry in aws.journal()}
    assert outcomes["arn:aws:s3:::missing-bucket/k"] == "NoSuchBucket"
    assert outcomes["arn:aws:iam::123456789012:role/missing-role"] == "NoSuchEntity"


def test_an_unknown_caller_is_journalled_by_key(aws: RunningAws) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "AKIASTRANGERSTRANGER", "AWS_SECRET_ACCESS_KEY": "x"}
    with pytest.raises(ClientError):
        aws.client("s3", nobody).list_buckets()
    assert [entry.outcome for entry in aws.journal() if entry.principal == "AKIASTRANGERSTRANGER"] == ["InvalidAccessKeyId"]
