"""EC2 instances: what was asked for can be read back, states pass, their role is theirs, and they end."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.ec2_instances import AGENT, PARAMETER, Ec2
from tests.lab.processes import wait_until
from tests.lab.running_aws import ANYONE_HERE, allow


def test_the_newest_deep_learning_image_is_found_by_its_public_parameter(ec2: Ec2) -> None:
    (image,) = ec2.ec2.describe_images(ImageIds=[ec2.image()])["Images"]
    assert (image["RootDeviceName"], image["OwnerId"], image["Public"]) == ("/dev/xvda", "898082745236", True)
    reader = ec2.aws.as_role(allow("ssm:GetParameter", f"arn:aws:ssm:us-east-1::parameter{PARAMETER}"))
    assert ec2.aws.client("ssm", reader).get_parameter(Name=PARAMETER)["Parameter"]["Value"] == image["ImageId"]


def test_public_parameters_are_listed_below_their_own_path_only(ec2: Ec2) -> None:
    ec2.ssm.put_parameter(Name="/mine/a", Value="1", Type="String")
    try:
        assert [each["Name"] for each in ec2.ssm.describe_parameters()["Parameters"]] == ["/mine/a"]
        listed = {
            path: ec2.ssm.get_parameters_by_path(Path=path, Recursive=True)["Parameters"] for path in ("/", "/aws/service/deeplearning")
        }
        assert {path: [each["Name"] for each in found] for path, found in listed.items()} == {
            "/": ["/mine/a"],
            "/aws/service/deeplearning": [PARAMETER],
        }
    finally:
        ec2.ssm.delete_parameter(Name="/mine/a")


def test_what_was_asked_for_can_be_read_back(ec2: Ec2) -> None:
    profile = ec2.profile(AGENT)
    group = ec2.ec2.create_security_group(GroupName=profile, Description="no way in")["GroupId"]
    instance = ec2.run(
        IamInstanceProfile={"Name": profile},
        MetadataOptions={"HttpTokens": "required"},
        SecurityGroupIds=[group],
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeSize": 75, "VolumeType": "gp3"}}],
        TagSpecifications=[{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": profile}]} for kind in ("instance", "volume")],
        InstanceInitiatedShutdownBehavior="terminate",
    )
    assert instance["State"]["Name"] == "pending"
    found = ec2.describe(instance["InstanceId"])
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["IamInstanceProfile"]["Arn"].endswith(f":instance-profile/{profile}")
    assert [each["GroupId"] for each in found["SecurityGroups"]] == [group]
    assert found["Tags"] == [{"Key": "Name", "Value": profile}]
    assert found["VpcId"] == ec2.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    (volume,) = ec2.ec2.describe_volumes(Filters=[{"Name": "tag:Name", "Values": [profile]}])["Volumes"]
    assert (volume["Encrypted"], volume["Size"], volume["VolumeType"]) == (True, 75, "gp3")


def test_it_runs_a_little_later_and_its_agent_comes_after_that(ec2: Ec2) -> None:
    instance = ec2.launch()
    assert not ec2.is_online(instance)
    wait_until(lambda: ec2.state(instance) == "running")
    wait_until(lambda: ec2.is_online(instance))


def test_without_the_right_to_register_the_agent_never_comes(ec2: Ec2) -> None:
    mute, heard = ec2.run(IamInstanceProfile={"Name": ec2.profile()})["InstanceId"], ec2.launch()
    wait_until(lambda: ec2.is_online(heard))
    assert not ec2.is_online(mute)
    with pytest.raises(ClientError, match=r"InvalidInstanceId.*not in a valid state"):
        ec2.ssm.send_command(InstanceIds=[mute], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})


def test_the_same_token_is_the_same_instance(ec2: Ec2) -> None:
    request: dict[str, Any] = {"ClientToken": ec2.profile(), "InstanceType": "g4dn.xlarge"}
    first = ec2.run(**request)
    assert ec2.run(**request)["InstanceId"] == first["InstanceId"]
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        ec2.run(**request | {"InstanceType": "m5.xlarge"})
    ec2.ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    assert ec2.run(**request)["InstanceId"] == first["InstanceId"]


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        ({"ImageId": "ami-12345678"}, "InvalidAMIID.NotFound"),
        ({"IamInstanceProfile": {"Name": "nobodys"}}, r"InvalidParameterValue.*nobodys"),
        ({"HibernationOptions": {"Configured": True}}, "UnsupportedOperation.*HibernationOptions"),
    ],
    ids=["image", "profile", "what is not done here"],
)
def test_what_cannot_be_launched_is_refused(ec2: Ec2, request_: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ClientError, match=refusal):
        ec2.run(**request_)


def test_a_role_that_does_not_trust_ec2_is_refused(ec2: Ec2) -> None:
    with pytest.raises(ClientError, match=r"Could not assume role .*ec2\.amazonaws\.com"):
        ec2.run(IamInstanceProfile={"Name": ec2.profile(trusts=ANYONE_HERE)})


TAGS = [{"ResourceType": "instance", "Tags": [{"Key": "pedigree:project", "Value": "pets"}]}]


class TestLaunching:
    """What a launch needs, each on its own resource; taking one right away refuses it."""

    def rights(self, profile: str) -> list[dict[str, Any]]:
        here = "arn:aws:ec2:us-east-1:123456789012"
        arn = f"arn:aws:iam::123456789012:instance-profile/{profile}"
        strict = {
            "ec2:InstanceType": "m5.xlarge",
            "ec2:InstanceProfile": arn,
            "ec2:MetadataHttpTokens": "required",
            "aws:RequestTag/pedigree:project": "pets",
        }
        return [
            allow("ec2:RunInstances", f"{here}:instance/*", Condition={"StringEquals": strict}),
            allow("ec2:RunInstances", f"{here}:volume/*", Condition={"Bool": {"ec2:Encrypted": "true"}}),
            allow("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/*", Condition={"StringEquals": {"ec2:Owner": "amazon"}}),
            allow("ec2:RunInstances", [f"{here}:network-interface/*", f"{here}:subnet/*"]),
            allow("ec2:CreateTags", f"{here}:instance/*", Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
            allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ]

    def request(self, ec2: Ec2, profile: str, **other: Any) -> dict[str, Any]:
        return {
            "ImageId": ec2.image(),
            "InstanceType": "m5.xlarge",
            "MinCount": 1,
            "MaxCount": 1,
            "IamInstanceProfile": {"Name": profile},
            "MetadataOptions": {"HttpTokens": "required"},
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}],
            "TagSpecifications": TAGS,
            **other,
        }

    def test_with_all_of_them_it_launches(self, ec2: Ec2) -> None:
        profile = ec2.profile(AGENT)
        machines = ec2.aws.client("ec2", ec2.aws.as_role(*self.rights(profile)))
        ec2.started.append(machines.run_instances(**self.request(ec2, profile))["Instances"][0]["InstanceId"])

    @pytest.mark.parametrize("missing", range(6), ids=["instance", "volume", "image", "network", "tags", "role"])
    def test_without_one_of_them_it_does_not(self, ec2: Ec2, missing: int) -> None:
        profile = ec2.profile(AGENT)
        rights = self.rights(profile)
        machines = ec2.aws.client("ec2", ec2.aws.as_role(*rights[:missing], *rights[missing + 1 :]))
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            machines.run_instances(**self.request(ec2, profile))

    @pytest.mark.parametrize(
        "other",
        [
            {"InstanceType": "p5.48xlarge"},
            {"MetadataOptions": {"HttpTokens": "optional"}},
            {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {}}]},
            {"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "pedigree:project", "Value": "others"}]}]},
        ],
        ids=["type", "metadata", "encryption", "tag"],
    )
    def test_nothing_but_what_the_conditions_say_is_launched(self, ec2: Ec2, other: dict[str, Any]) -> None:
        profile = ec2.profile(AGENT)
        machines = ec2.aws.client("ec2", ec2.aws.as_role(*self.rights(profile)))
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            machines.run_instances(**self.request(ec2, profile, **other))


def test_only_instances_with_the_tag_may_be_terminated(ec2: Ec2) -> None:
    condition = {"StringEquals": {"ec2:ResourceTag/pedigree:project": "pets"}}
    keeper = ec2.aws.client("ec2", ec2.aws.as_role(allow("ec2:TerminateInstances", "*", Condition=condition)))
    others, own = ec2.launch(), ec2.launch(TagSpecifications=TAGS)
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        keeper.terminate_instances(InstanceIds=[others])
    keeper.terminate_instances(InstanceIds=[own])
    assert ec2.state(own) == "terminated"
    assert ec2.state(others) != "terminated"
