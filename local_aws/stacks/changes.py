"""CreateStack, UpdateStack and ExecuteChangeSet with AWS's refusals; moto answers the other calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import OutputMap
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from local_aws.call import AwsError, Call
from local_aws.cloud import Cloud
from local_aws.stacks.resources import complete_resources
from local_aws.stacks.types import check_types

# resource types that need a capability in the call -> the property with their name
IAM_TYPES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::UserToGroupAddition": "",
}


class StackChanges:
    """Stack changes: the service makes all resources within the call, and only the call itself is authorised."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        complete_resources()

    def create_stack(self, call: Call) -> dict[str, Any]:
        parameters = call.parameters
        template = self._template(parameters)
        check_types(template)
        check_capabilities(template, parameters.get("Capabilities", ()))
        books = self._cloud.books("cloudformation")
        try:
            stack = books.create_stack(
                name=parameters["StackName"],
                template=template,
                parameters=given_values(parameters),
                tags=tags_of(parameters),
                role_arn=parameters.get("RoleARN"),
            )
        except (ServiceException, HTTPException) as error:
            stack = self._unfinished(parameters["StackName"])
            if stack is None:
                raise
            roll_back(stack, getattr(error, "message", str(error)))
        else:
            retain_from_now_on(stack)
        return {"StackId": stack.stack_id}

    def update_stack(self, call: Call) -> dict[str, Any]:
        parameters = call.parameters
        stack = self._cloud.books("cloudformation").get_stack(parameters["StackName"])
        if stack.status == "ROLLBACK_COMPLETE":
            raise AwsError("ValidationError", f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated.")
        template = stack.template if parameters.get("UsePreviousTemplate") else self._template(parameters)
        check_types(template)
        check_capabilities(template, parameters.get("Capabilities", ()))
        values = new_values(stack, template, parameters.get("Parameters", ()))
        tags = tags_of(parameters) or stack.tags
        if (substance(template), values, tags) == (substance(stack.template), dict(stack.stack_parameters), stack.tags):
            raise AwsError("ValidationError", "No updates are to be performed.")
        stack.update(template, parameters.get("RoleARN"), parameters=values, tags=tags)
        retain_from_now_on(stack)
        return {"StackId": stack.stack_id}

    def execute_change_set(self, call: Call) -> dict[str, Any]:
        """Carry out a change set, which moto finds without its stack and after which it leaves the stack without outputs."""
        if call.parameters.get("DisableRollback"):
            raise AwsError(
                "ValidationError", "local_aws rolls back every stack that fails, and refuses DisableRollback rather than ignore it."
            )
        books, name, stack_name = self._cloud.books("cloudformation"), call.parameters["ChangeSetName"], call.parameters.get("StackName")
        found = [each for each in books.change_sets.values() if is_named(each, name, stack_name)]
        if not found:
            raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", status=404)
        change = found[-1]
        check_types(str(change.template))
        books.execute_change_set(change.change_set_id)
        stack = books.stacks[change.stack_id]
        stack.template_dict = stack.parse_template(change.template)
        stack.output_map = OutputMap(stack.resource_map, stack.template_dict, stack.stack_id)
        retain_from_now_on(stack)
        return {}

    def _template(self, parameters: Mapping[str, Any]) -> str:
        if "TemplateBody" in parameters:
            return readable(parameters["TemplateBody"])
        if "TemplateURL" not in parameters:
            raise AwsError("ValidationError", "Either Template URL or Template Body must be specified.")
        try:
            template = str(get_stack_from_s3_url(parameters["TemplateURL"], self._cloud.account, "aws"))
        except (ServiceException, ValueError, AttributeError):  # moto expects the URL of an object that exists
            raise AwsError("ValidationError", "TemplateURL must be a supported URL.") from None
        return readable(template)

    def _unfinished(self, name: str) -> Any:
        stacks = self._cloud.books("cloudformation").stacks.values()
        return next((stack for stack in stacks if stack.name == name and stack.status == "CREATE_IN_PROGRESS"), None)


def readable(template: str) -> str:
    """The template itself; ValidationError where it is no template."""
    try:
        content = Stack.parse_template(template)
    except Exception as error:  # whatever the parsers of JSON and YAML raise
        raise AwsError("ValidationError", f"Template format error: {error}") from error
    resources = content.get("Resources") if isinstance(content, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise AwsError("ValidationError", "Template format error: At least one Resources member must be defined.")
    if bad := [name for name, resource in resources.items() if not isinstance(resource, dict) or "Type" not in resource]:
        raise AwsError(
            "ValidationError", f"Template format error: [/Resources/{bad[0]}] Every Resources object must contain a Type member."
        )
    return template


def check_capabilities(template: str, given: Mapping[str, Any] | tuple[str, ...] | list[str]) -> None:
    needed = set(needed_capabilities(template))
    wanted = "CAPABILITY_NAMED_IAM" if "CAPABILITY_NAMED_IAM" in needed else "CAPABILITY_IAM"
    if needed and not {wanted, "CAPABILITY_NAMED_IAM"} & set(given):
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{wanted}]", status=400)


def needed_capabilities(template: str) -> Iterator[str]:
    for resource in Stack.parse_template(template)["Resources"].values():
        if resource["Type"] in IAM_TYPES:
            name = IAM_TYPES[resource["Type"]]
            yield "CAPABILITY_NAMED_IAM" if name and name in resource.get("Properties", {}) else "CAPABILITY_IAM"


def given_values(parameters: Mapping[str, Any]) -> dict[str, str]:
    given = parameters.get("Parameters", ())
    if any(item.keys() < {"ParameterKey", "ParameterValue"} for item in given):
        raise AwsError("ValidationError", "Each of Parameters needs a ParameterKey and a ParameterValue.")
    return {item["ParameterKey"]: item["ParameterValue"] for item in given}


def is_named(change: Any, name: str, stack: str | None) -> bool:
    """Whether a change set has this ARN, or this name within the stack of this name or ARN."""
    return name == change.change_set_id or (name == change.change_set_name and stack in (change.stack_name, change.stack_id))


def new_values(stack: Any, template: str, given: Any) -> dict[str, Any]:
    """Parameter values after an update: the given values, previous values (UsePreviousValue), or defaults."""
    declared = Stack.parse_template(template).get("Parameters", {})
    values = {name: parameter["Default"] for name, parameter in declared.items() if "Default" in parameter}
    previous = stack.stack_parameters
    for item in given:
        name = item.get("ParameterKey", "")
        value = previous.get(name) if item.get("UsePreviousValue") else item.get("ParameterValue")
        if value is None:
            raise AwsError("ValidationError", f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for it.")
        values[name] = value
    return values


def substance(template: str) -> dict[str, Any]:
    """The parts of a template that an update compares."""
    content = Stack.parse_template(template)
    return {name: content.get(name) for name in ("Resources", "Outputs", "Conditions", "Mappings")}


def tags_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}


def retain_from_now_on(stack: Any) -> None:
    """Change RetainExceptOnCreate to Retain in a stack that is complete: moto knows only Retain."""
    for resource in stack.template_dict["Resources"].values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"


def roll_back(stack: Any, reason: str) -> None:
    """Delete the resources that were made before the failure; the stack stays until its owner deletes it."""
    stack._add_stack_event("CREATE_FAILED", resource_status_reason=reason)
    stack._add_stack_event("ROLLBACK_IN_PROGRESS", resource_status_reason=reason)
    stack.resource_map.delete()
    stack.output_map = OutputMap(stack.resource_map, {}, stack.stack_id)  # moto would make the resources again for it
    stack.status = "ROLLBACK_COMPLETE"
    stack._add_stack_event("ROLLBACK_COMPLETE")
