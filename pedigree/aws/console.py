"""The addresses of resources in the AWS console, as pure functions.

A model package has no address here: only SageMaker Studio shows the registry, under the address of a Studio domain.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-view.html
"""

from urllib.parse import quote, urlsplit

from pedigree.aws.objects import split_uri

CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}  # partitions by the beginning of their regions
AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def has_console(endpoint_url: str) -> bool:
    """Whether a console exists for this API address; only the addresses of AWS itself have one."""
    return (urlsplit(endpoint_url).hostname or "").endswith(AWS_DOMAINS)


def folder_url(region: str, uri: str) -> str:
    """Console address of a folder in S3; `uri` ends in `/`."""
    bucket, prefix = split_uri(uri)
    return f"{console(region)}/s3/buckets/{bucket}?region={region}&prefix={quote(prefix)}"


def training_job_url(region: str, name: str) -> str:
    return sagemaker_url(region, f"jobs/{name}")


def endpoint_url(region: str, name: str) -> str:
    return sagemaker_url(region, f"endpoints/{name}")


def endpoint_config_url(region: str, name: str) -> str:
    return sagemaker_url(region, f"endpointConfig/{name}")


def model_url(region: str, name: str) -> str:
    return sagemaker_url(region, f"models/{name}")


def alias_url(region: str, function: str, alias: str) -> str:
    return f"{console(region)}/lambda/home?region={region}#/functions/{function}/aliases/{alias}"


def sagemaker_url(region: str, page: str) -> str:
    return f"{console(region)}/sagemaker/home?region={region}#/{page}"


def console(region: str) -> str:
    domain = next((domain for beginning, domain in CONSOLES.items() if region.startswith(beginning)), "console.aws.amazon.com")
    return f"https://{region}.{domain}"
