"""The members of Lambda's requests."""

from local_aws.members.reasons import NO_DISK_ENCRYPTION, ONE_DISK, ONE_PAGE

CODE = "S3Bucket S3Key S3ObjectVersion ZipFile"
SETTINGS = "Description Environment FunctionName Handler Layers MemorySize Role Runtime Timeout"
QUALIFIED = "FunctionName Qualifier"
NO_TRACES = "no trace is written"
ONE_MACHINE = "functions run on the processor of this machine"

READ: dict[str, dict[str, str]] = {
    "lambda": {
        "AddPermission": f"Action FunctionUrlAuthType InvokedViaFunctionUrl Principal SourceAccount SourceArn StatementId {QUALIFIED}",
        "CreateAlias": "Description FunctionName FunctionVersion Name RoutingConfig",
        "CreateFunction": f"{' '.join(f'Code.{name}' for name in CODE.split())} PackageType Publish Tags {SETTINGS}",
        "CreateFunctionUrlConfig": f"AuthType Cors {QUALIFIED}",
        "DeleteAlias": "FunctionName Name",
        "DeleteFunction": QUALIFIED,
        "DeleteFunctionConcurrency": "FunctionName",
        "DeleteFunctionUrlConfig": QUALIFIED,
        "DeleteProvisionedConcurrencyConfig": QUALIFIED,
        "GetAccountSettings": "",
        "GetAlias": "FunctionName Name",
        "GetFunction": QUALIFIED,
        "GetFunctionConcurrency": "FunctionName",
        "GetFunctionConfiguration": QUALIFIED,
        "GetFunctionUrlConfig": QUALIFIED,
        "GetPolicy": QUALIFIED,
        "GetProvisionedConcurrencyConfig": QUALIFIED,
        "Invoke": f"ClientContext InvocationType LogType Payload {QUALIFIED}",
        "ListAliases": "FunctionName FunctionVersion",
        "ListFunctionUrlConfigs": "FunctionName",
        "ListProvisionedConcurrencyConfigs": "FunctionName",
        "ListVersionsByFunction": "FunctionName",
        "PublishVersion": "CodeSha256 Description FunctionName RevisionId",
        "PutFunctionConcurrency": "FunctionName ReservedConcurrentExecutions",
        "PutProvisionedConcurrencyConfig": f"ProvisionedConcurrentExecutions {QUALIFIED}",
        "RemovePermission": f"StatementId {QUALIFIED}",
        "UpdateAlias": "Description FunctionName FunctionVersion Name RevisionId RoutingConfig",
        "UpdateFunctionCode": f"{CODE} DryRun FunctionName Publish RevisionId",
        "UpdateFunctionConfiguration": f"RevisionId {SETTINGS}",
        "UpdateFunctionUrlConfig": f"AuthType Cors {QUALIFIED}",
    },
}

IGNORED: dict[str, dict[str, dict[str, str]]] = {
    "lambda": {
        "CreateFunction": {
            "Architectures": ONE_MACHINE,
            "EphemeralStorage": ONE_DISK,
            "KMSKeyArn": NO_DISK_ENCRYPTION,
            "TracingConfig": NO_TRACES,
        },
        "UpdateFunctionCode": {"Architectures": ONE_MACHINE},
        "UpdateFunctionConfiguration": {"EphemeralStorage": ONE_DISK, "KMSKeyArn": NO_DISK_ENCRYPTION, "TracingConfig": NO_TRACES},
        "ListAliases": {"MaxItems": ONE_PAGE},
        "ListFunctionUrlConfigs": {"MaxItems": ONE_PAGE},
        "ListProvisionedConcurrencyConfigs": {"MaxItems": ONE_PAGE},
        "ListVersionsByFunction": {"MaxItems": ONE_PAGE},
    },
}
