"""The recipes of CONTRIBUTING.md as changes of files: each step with the test that fails without it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

Edit = Callable[[str], str]
FLOWS = "tests/flows/test_operationalize.py"
DOCS = "tests/test_docs.py"
SETTINGS = "tests/pedigree/settings/test_settings.py"
WALK = "tests/pedigree/settings/test_fields_act.py"
KINDS = "tests/pedigree/aws/test_resources.py"
OPERATIONS = "tests/local_aws/test_operations.py"
MEMBERS = "tests/local_aws/test_members.py"
NETWORKS = "tests/model/test_network.py"


@dataclass(frozen=True)
class Step:
    """A change of one file, and the test that sees it left out; `instead` is what a person may write by mistake."""

    file: str
    edit: Edit
    test: str
    instead: Edit | None = None


def replace(old: str, new: str) -> Edit:
    return partial(exchange, old=old, new=new)


def before(anchor: str, text: str) -> Edit:
    return replace(anchor, text + anchor)


def after(anchor: str, text: str) -> Edit:
    return replace(anchor, anchor + text)


def append(text: str) -> Edit:
    return lambda content: content + text


def both(first: Edit, second: Edit) -> Edit:
    return lambda content: second(first(content))


def exchange(content: str, old: str, new: str) -> str:
    assert content.count(old) == 1, f"the recipe looks for {old!r} once and finds it {content.count(old)} times"
    return content.replace(old, new)


AUDIT = """

@{decorator}
def audit_model(account: Account, version: ModelVersion) -> ModelVersion:
    return version
"""
IMPORT = replace("from tasks.registry import ", "from tasks.registry import audit_model, ")
STAGE = (
    Step(
        "tasks/registry.py",
        append(AUDIT.format(decorator='stage("audit", of="{version.arn}")')),
        f"{FLOWS}::test_what_a_flow_announces_records_itself",
        instead=append(AUDIT.format(decorator='task(name="audit")')),
    ),
    Step(
        "flows/operationalize.py",
        both(IMPORT, after("register_model(account, candidate, mission.serving)\n", "        audit_model(account, version)\n")),
        f"{FLOWS}::test_the_stages_that_a_flow_announces_are_those_that_it_calls_in_this_order",
        instead=IMPORT,
    ),
    Step(
        "flows/operationalize.py",
        replace("register_model, compare_again, *GOING_LIVE", "register_model, audit_model, compare_again, *GOING_LIVE"),
        f"{FLOWS}::test_every_stage_runs_in_the_order_of_the_report",
    ),
    Step(
        "flows/retrain.py",
        both(IMPORT, before("            if version.approved:\n", "            audit_model(account, version)\n")),
        f"{FLOWS}::test_the_stages_that_a_flow_announces_are_those_that_it_calls_in_this_order",
        instead=IMPORT,
    ),
    Step(
        "docs/architecture.md",
        before("| second comparison | `compare_again` |", "| audit | `audit_model` | a person looked at it |\n"),
        f"{DOCS}::test_the_stages_are_described",
    ),
)

FIELD = '    least_images: int = Field(0, description="Test images that a gate needs.")\n'
REASON = "the gate compares it with the test images"
SETTING = (
    Step(
        "pedigree/settings/gate.py",
        before("    min_accuracy:", FIELD),
        f"{SETTINGS}::test_the_form_explains_every_field",
        instead=before("    min_accuracy:", "    least_images: int = 0\n"),
    ),
    Step(
        "pedigree/evaluation/gate.py",
        before("    evaluation = comparison.evaluation\n", "    assert comparison.evaluation.images >= gate.least_images\n"),
        f"{SETTINGS}::test_every_field_is_read",
    ),
    Step(
        "pedigree/settings/gate.py",
        before('        "min_accuracy": ', f'        "least_images": "{REASON}",\n'),
        f"{WALK}::test_every_field_acts_or_is_declared",
    ),
    Step(
        "docs/architecture.md",
        before("| `gate.min_accuracy` |", f"| `gate.least_images` | {REASON} |\n"),
        f"{DOCS}::test_the_fields_that_act_elsewhere_are_those_of_the_code",
    ),
    Step(
        "docs/parameters.md",
        before("| `min_accuracy` |", "| `least_images` | `0` | Test images that a gate needs. |\n"),
        f"{DOCS}::test_the_page_of_parameters_is_generated",
    ),
)

TITLE, NAMED = "monitoring schedule", "`<project>-monitor-<key>`"
SCHEDULE = before("KINDS: tuple", f'SCHEDULE = RecordKind(title="{TITLE}", named="{NAMED}", noun="MonitoringSchedule")\n')
KIND = (
    Step(
        "pedigree/aws/resources/table.py",
        both(SCHEDULE, before("    MODEL,\n", "    SCHEDULE,\n")),
        f"{KINDS}::test_every_kind_is_in_the_table",
        instead=SCHEDULE,
    ),
    Step(
        "deployments/bootstrap.yaml",
        before(
            "                  - sagemaker:CreateModel\n",
            "".join(
                f"                  - sagemaker:{verb}MonitoringSchedule{'s' * (verb == 'List')}\n"
                for verb in ("Create", "Describe", "Delete", "List")
            ),
        ),
        f"{KINDS}::test_the_bootstrap_stack_names_the_actions_of_a_kind",
    ),
    Step(
        "docs/architecture.md",
        before("| transform job | `", f"| {TITLE} | {NAMED} | - |\n"),
        f"{DOCS}::test_the_table_of_kinds_is_the_one_of_the_code",
    ),
)

HANDLER = """
    def get_lifecycle_policy(self, call: Call) -> dict[str, Any]:
        repository = call.parameters["repositoryName"]
        raise AwsError("LifecyclePolicyNotFoundException", f"The repository {repository} has no lifecycle policy: images are kept.")
"""
CALL = """
def test_no_repository_forgets_its_images(aws: RunningAws) -> None:
    ecr = aws.client("ecr")
    with pytest.raises(ecr.exceptions.LifecyclePolicyNotFoundException):
        ecr.get_lifecycle_policy(repositoryName="any")
"""
OPERATION = (
    Step("local_aws/repositories.py", append(HANDLER), f"{OPERATIONS}::test_aws_has_every_operation"),
    Step(
        "local_aws/repositories.py",
        replace(": self.batch_get_image}", ': self.batch_get_image, ("ecr", "GetLifecyclePolicy"): self.get_lifecycle_policy}'),
        f"{OPERATIONS}::test_every_handler_is_an_operation",
    ),
    Step(
        "local_aws/iam/resources.py",
        before("CreateRepository DeleteRepository", "GetLifecyclePolicy "),
        f"{OPERATIONS}::test_every_operation_is_authorised_on_its_resource",
    ),
    Step(
        "local_aws/members/others.py",
        replace(
            '"imageIds.imageTag registryId repositoryName"',
            '"imageIds.imageTag registryId repositoryName", "GetLifecyclePolicy": "repositoryName"',
        ),
        f"{MEMBERS}::test_the_declared_operations_are_the_executed_ones",
    ),
    Step(
        "docs/local-aws.md",
        replace("| `ecr` | BatchGetImage | Create", "| `ecr` | BatchGetImage GetLifecyclePolicy | Create"),
        f"{OPERATIONS}::test_the_page_has_the_table_of_operations",
    ),
    Step("tests/local_aws/test_images.py", append(CALL), f"{OPERATIONS}::test_a_test_calls_every_operation"),
)

NETWORK = """def tiny_cnn(classes: int) -> nn.Module:
    return {made}


"""
BUILDER = before("OWN: dict", NETWORK.format(made="small_cnn(classes, widths=(8, 16))"))
ARCHITECTURE = (
    Step(
        "model/network.py",
        BUILDER,
        f"{NETWORKS}::test_a_network_of_ours_answers_a_logit_a_class",
        instead=before("OWN: dict", NETWORK.format(made="nn.Sequential(nn.Conv2d(3, classes, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten())")),
    ),
    Step(
        "model/network.py",
        replace('"small_cnn": small_cnn}', '"small_cnn": small_cnn, "tiny_cnn": tiny_cnn}'),
        f"{NETWORKS}::test_every_builder_of_ours_has_a_name",
    ),
    Step(
        "pedigree/settings/architectures.py",
        replace("ARCHITECTURES = (SMALL,", 'ARCHITECTURES = (SMALL, "tiny_cnn",'),
        f"{NETWORKS}::test_the_form_offers_every_network_of_ours",
    ),
)
RECIPES = {
    "Add a stage": STAGE,
    "Add a setting": SETTING,
    "Add a kind of resource": KIND,
    "Add an AWS operation to `local_aws`": OPERATION,
    "Add an architecture": ARCHITECTURE,
}
