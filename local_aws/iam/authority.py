"""Authentication and authorisation: identities and policies from moto's records, decided by the evaluator."""

from dataclasses import asdict

from local_aws.call import Call, Principal
from local_aws.claims import Claim
from local_aws.cloud import Cloud
from local_aws.http_request import HttpRequest
from local_aws.iam import denials
from local_aws.iam.context import call_context, common_context, parameter_context
from local_aws.iam.evaluator import Decision, Request, evaluate
from local_aws.iam.patterns import Context
from local_aws.iam.principals import Identities, Identity, as_policy, find_role
from local_aws.iam.refusals import Refused, Rejection
from local_aws.iam.requirements import Requirement, action_of, requirements, resources_of
from local_aws.iam.resource_policy import Grant, evaluate_resource_policy
from local_aws.iam.signature import verify
from local_aws.journal import Entry
from local_aws.refused_objects import REFUSED

TRUSTED = frozenset({"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"})  # a role's trust policy decides about these


class IamAuthority:
    """The authority for every call; only explicit denies of resource policies limit the account's root."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._identities = Identities(cloud)

    def authenticate(self, service: str, claim: Claim, request: HttpRequest) -> Principal:
        """The principal who signed a request; AwsError in the words of the service when the signature does not hold."""
        try:
            verify(self._cloud, claim, request)
            identity = self._identities.find(claim.key_id)
            if identity is None or not may_reach(identity, service):
                raise Rejection(Refused.UNKNOWN_KEY)
        except Rejection as rejection:
            raise rejection.error(service) from None
        return identity.principal

    def describe(self, call: Call) -> Entry:
        """The entry of a call in the journal, with all that it requires."""
        identity = self._identities.find(call.principal.access_key_id)
        context = call_context(self._cloud, identity, call) if identity else {}
        needed = [asdict(requirement) for requirement in requirements(self._cloud, call)]
        resource = resources_of(self._cloud, call)[0]
        return Entry(call.principal.arn, action_of(call), resource, requirements=needed, context=context)

    def authorize(self, call: Call) -> None:
        """Raise AwsError in the words of the service when a requirement of the call is not met; DeleteObjects goes on with the others."""
        identity = self._identities.find(call.principal.access_key_id)
        assert identity is not None, "`authenticate` has found the caller before"
        context = call_context(self._cloud, identity, call)
        refused: set[str] = set()
        for requirement in requirements(self._cloud, call):
            if reason := self._refusal(identity, requirement, context):
                if call.operation != "DeleteObjects":
                    arn = identity.principal.session_arn or identity.principal.arn
                    raise denials.access_denied(call.service, arn, requirement.action, requirement.resource, reason)
                refused.add(requirement.resource)
        REFUSED.set(frozenset(refused))

    def authorize_anybody(self, call: Call) -> None:
        """Authorise an anonymous caller: AwsError unless the resource policy allows everybody."""
        context = {**common_context(self._cloud), **parameter_context(call)}
        for requirement in requirements(self._cloud, call):
            request = Request(requirement.action, requirement.resource, {**context, **requirement.context})
            document = self._resource_policy(request)
            everybody = frozenset({"*"})
            if not document or evaluate_resource_policy(as_policy(document), request, everybody, "") is not Grant.GRANTED:
                reason = denials.implicit("resource-based policy", requirement.action)
                raise denials.access_denied(call.service, call.principal.arn, requirement.action, requirement.resource, reason)

    def _refusal(self, identity: Identity, requirement: Requirement, context: Context) -> str:
        """The reason why the requirement is not met, in AWS's words; empty when it is met."""
        request = Request(requirement.action, requirement.resource, {**context, **requirement.context})
        grant = self._resource_grant(identity, request)
        if grant is Grant.DENIED:
            return denials.EXPLICIT.format("a resource-based")
        if identity.is_root:
            return ""  # STS itself refuses to let the root assume a role
        decision = evaluate(identity.policies, request)
        if decision is Decision.EXPLICIT_DENY:
            return denials.EXPLICIT.format("an identity-based")
        for name, policies in identity.limits.items():
            if (limited := evaluate(policies, request)) is not Decision.ALLOWED:
                explicit = limited is Decision.EXPLICIT_DENY
                return denials.EXPLICIT.format(f"a {name}") if explicit else denials.implicit(name, request.action)
        if request.action in TRUSTED and grant is Grant.NOTHING:
            return denials.NOT_TRUSTED.format(request.action)
        allowed = grant is Grant.GRANTED or decision is Decision.ALLOWED
        return "" if allowed else denials.implicit("identity-based policy", request.action)

    def _resource_grant(self, identity: Identity, request: Request) -> Grant:
        document = self._resource_policy(request)
        if not document:
            return Grant.NOTHING
        return evaluate_resource_policy(as_policy(document), request, identity.arns, self._cloud.account)

    def _resource_policy(self, request: Request) -> object:
        """The resource policy of a request: the trust policy of a role, or the policy of a bucket or function."""
        if request.action in TRUSTED:
            role = find_role(self._cloud, request.resource)
            return role and role.assume_role_policy_document
        if request.resource.startswith("arn:aws:s3:::"):
            bucket = self._cloud.books("s3").buckets.get(request.resource.removeprefix("arn:aws:s3:::").partition("/")[0])
            policy = bucket and bucket.policy
            return policy.decode() if isinstance(policy, bytes) else policy
        if ":function:" in request.resource:
            name = request.resource.split(":")[6]
            record = self._cloud.books("lambda")._lambdas._functions.get(name)
            statements = record and record["latest"].policy.statements
            return {"Version": "2012-10-17", "Statement": statements} if statements else None
        return None


def may_reach(identity: Identity, service: str) -> bool:
    """Whether the service takes the caller: IAM takes no session of a user without MFA, in the words of an unknown key.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    return not (service == "iam" and identity.session and not identity.session.of_role)
