"""Acting as an IAM role: what SageMaker, Lambda and EC2 do before they start anything of ours."""

from local_aws.cloud import Cloud


def assume_execution_role(cloud: Cloud, role_arn: str, service: str) -> dict[str, str]:
    """AWS environment variables of a fresh session of the role, after its trust policy was found to allow `service`."""
    books = cloud.books("sts")
    session = books.assume_role(cloud.region, "local-aws", role_arn, "", 3600, "")
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
    }
