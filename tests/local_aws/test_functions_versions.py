import base64
import hashlib
from collections import Counter
from functools import partial

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.deployed import Deployer, zip_of

FIRST = "def handler(event, context):\n    return 'first'\n"
SECOND = "def handler(event, context):\n    return 'second'\n"


def test_a_function_becomes_active_and_names_the_digest_of_its_zip(deploy: Deployer) -> None:
    function = deploy(FIRST, Tags={"pedigree:key": "k"})
    configuration = function.client.get_function_configuration(FunctionName=function.name)
    assert (configuration["State"], configuration["LastUpdateStatus"], configuration["Version"]) == ("Active", "Successful", "$LATEST")
    assert configuration["CodeSha256"] == base64.b64encode(hashlib.sha256(zip_of(FIRST)).digest()).decode()
    assert function.client.get_function(FunctionName=function.name)["Tags"] == {"pedigree:key": "k"}
    assert "Tags" not in function.client.get_function(FunctionName=deploy(FIRST).name)


def test_duplicates_and_strangers_get_awss_own_errors(deploy: Deployer) -> None:
    function = deploy(FIRST)
    with pytest.raises(function.client.exceptions.ResourceConflictException, match=f"Function already exist: {function.name}"):
        function.client.create_function(
            FunctionName=function.name,
            Runtime="python3.11",
            Handler="main.handler",
            Role="arn:aws:iam::123456789012:role/x",
            Code={"ZipFile": b"x"},
        )
    with pytest.raises(function.client.exceptions.ResourceNotFoundException, match=r"Function not found: arn:.*:nobody"):
        function.client.get_function(FunctionName="nobody")
    with pytest.raises(function.client.exceptions.InvalidParameterValueException, match="Could not unzip"):
        function.client.update_function_code(FunctionName=function.name, ZipFile=b"no zip")


def test_update_in_progress(deploy: Deployer) -> None:
    function = deploy(FIRST)
    changed = function.client.update_function_configuration(FunctionName=function.name, Timeout=9)
    assert changed["LastUpdateStatus"] == "InProgress"
    again = partial(function.client.update_function_configuration, FunctionName=function.name, Timeout=8)
    for refused in (again, function.publish, partial(function.change, SECOND)):
        with pytest.raises(function.client.exceptions.ResourceConflictException, match="An update is in progress for resource: arn:"):
            refused()
    function.settle()
    assert function.publish() == "1"


def test_publishing_again_without_a_change_gives_the_same_version(deploy: Deployer) -> None:
    function = deploy(FIRST)
    assert [function.publish(), function.publish()] == ["1", "1"]
    function.change(SECOND)
    assert function.publish() == "2"
    function.configure(Timeout=9)
    assert function.publish() == "3"
    function.configure(Timeout=9)
    assert function.publish() == "3"


def test_the_same_code_uploaded_again_makes_a_new_version(deploy: Deployer) -> None:
    function = deploy(FIRST)
    assert function.publish() == "1"
    function.change(FIRST)
    assert [function.publish(), function.publish()] == ["2", "2"]


def test_a_function_that_is_created_and_published_is_named_without_its_version(deploy: Deployer) -> None:
    function = deploy(FIRST)
    role = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    wanted = {"Runtime": "python3.11", "Handler": "main.handler", "Role": role, "Code": {"ZipFile": zip_of(FIRST)}, "Publish": True}
    created = function.client.create_function(FunctionName=f"{function.name}-2", **wanted)
    assert (created["FunctionArn"].rpartition(":")[2], created["Version"]) == (f"{function.name}-2", "1")
    function.client.delete_function(FunctionName=created["FunctionArn"])
    with pytest.raises(function.client.exceptions.ResourceNotFoundException):
        function.client.get_function(FunctionName=f"{function.name}-2")


def test_a_permission_that_is_not_there_is_named_as_aws_names_it(deploy: Deployer) -> None:
    function = deploy(FIRST)
    remove = partial(function.client.remove_permission, FunctionName=function.name, StatementId="other")
    with pytest.raises(ClientError, match="No policy is associated with the given resource"):
        remove()
    function.client.add_permission(
        FunctionName=function.name, StatementId="s", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    with pytest.raises(ClientError, match="Statement other is not found in resource policy"):
        remove()


def test_a_version_keeps_its_code_and_settings(deploy: Deployer) -> None:
    source = "import os\ndef handler(event, context):\n    return os.environ['WHO']\n"
    function = deploy(source, Environment={"Variables": {"WHO": "one"}})
    version = function.publish()
    function.configure(Environment={"Variables": {"WHO": "two"}})
    assert function.invoke().payload == "two"
    assert function.invoke(qualifier=version).payload == "one"
    function.change(SECOND)
    assert function.invoke(qualifier=version).payload == "one"


def test_a_version_number_is_not_used_twice(deploy: Deployer) -> None:
    function = deploy(FIRST)
    function.client.delete_function(FunctionName=function.name, Qualifier=function.publish())
    assert function.publish() == "2"
    listed = function.client.list_versions_by_function(FunctionName=function.name)["Versions"]
    assert [version["Version"] for version in listed] == ["$LATEST", "2"]
    function.client.delete_function(FunctionName=function.name, Qualifier="1")  # gone already: AWS does not mind


def test_publishing_checks_the_digest_and_the_revision(deploy: Deployer) -> None:
    function = deploy(FIRST)
    with pytest.raises(function.client.exceptions.InvalidParameterValueException, match="is different from current CodeSHA256"):
        function.client.publish_version(FunctionName=function.name, CodeSha256="other")
    revision = function.client.get_function_configuration(FunctionName=function.name)["RevisionId"]
    function.change(SECOND)
    with pytest.raises(function.client.exceptions.PreconditionFailedException) as error:
        function.client.publish_version(FunctionName=function.name, RevisionId=revision)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


def test_an_alias_points_at_a_version_and_moves(deploy: Deployer) -> None:
    function = deploy(FIRST)
    client, first = function.client, function.publish()
    created = client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=first)
    assert created["AliasArn"].endswith(f":function:{function.name}:live")
    assert function.invoke(qualifier="live").payload == "first"
    function.change(SECOND)
    moved = client.update_alias(FunctionName=function.name, Name="live", FunctionVersion=function.publish())
    assert moved["RevisionId"] != created["RevisionId"]
    assert function.invoke(qualifier="live").payload == "second"
    configuration = client.get_function_configuration(FunctionName=function.name, Qualifier="live")
    assert (configuration["Version"], configuration["FunctionArn"]) == ("2", created["AliasArn"])


def test_aliases_refuse_what_aws_refuses(deploy: Deployer) -> None:
    function = deploy(FIRST)
    client, version = function.client, function.publish()
    created = client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    with pytest.raises(client.exceptions.ResourceConflictException, match="Alias already exists: arn"):
        client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=r"Function not found: .*:9"):
        client.update_alias(FunctionName=function.name, Name="live", FunctionVersion="9")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=r"Cannot find alias arn: .*:other"):
        client.get_alias(FunctionName=function.name, Name="other")
    client.update_alias(FunctionName=function.name, Name="live", Description="changed", RevisionId=created["RevisionId"])
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.update_alias(FunctionName=function.name, Name="live", Description="again", RevisionId=created["RevisionId"])
    with pytest.raises(client.exceptions.ResourceConflictException, match=r"aliases reference it: \[live\]"):
        client.delete_function(FunctionName=function.name, Qualifier=version)
    client.delete_alias(FunctionName=function.name, Name="live")
    assert client.list_aliases(FunctionName=function.name)["Aliases"] == []


def test_weights_share_the_calls_between_two_versions(deploy: Deployer) -> None:
    function = deploy(FIRST)
    first = function.publish()
    function.change(SECOND)
    weights = {"AdditionalVersionWeights": {function.publish(): 0.5}}
    function.client.create_alias(FunctionName=function.name, Name="canary", FunctionVersion=first, RoutingConfig=weights)
    drawn = Counter(function.invoke(qualifier="canary").payload for _ in range(60))
    assert set(drawn) == {"first", "second"}
    function.client.update_alias(FunctionName=function.name, Name="canary", RoutingConfig={"AdditionalVersionWeights": {}})
    assert {function.invoke(qualifier="canary").payload for _ in range(20)} == {"first"}


def test_a_deleted_function_is_gone(deploy: Deployer) -> None:
    function = deploy(FIRST)
    role = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    function.invoke()
    function.client.delete_function(FunctionName=function.name)
    with pytest.raises(ClientError, match="Function not found"):
        function.invoke()
    function.client.create_function(
        FunctionName=function.name,
        Runtime="python3.11",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": zip_of(SECOND)},
    )
    assert function.invoke().payload == "second"
