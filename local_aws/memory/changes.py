"""The calls that change records, and the parts of the memory in which these records are."""

from local_aws.call import Call

READING = ("Describe", "Get", "List", "Head", "Search", "Select", "Query", "Scan", "Lookup", "Simulate", "Filter", "Invoke", "BatchGet")
APART = ("training_jobs", "transform_jobs", "endpoints")  # collections of moto's SageMaker that are parts of their own: they change often
FORGOTTEN = ("hyper_parameter_tuning_jobs",)  # of SageMaker's records: what a tuning job has tried is in its training jobs
PARTS = {  # a service of botocore -> the parts that its calls can change; a part is a module of moto, unless it is one of APART
    "application-autoscaling": ("applicationautoscaling", "iam", "cloudwatch"),
    "cloudwatch": ("cloudwatch",),
    "ec2": ("ec2",),
    "iam": ("iam",),
    "lambda": ("awslambda",),
    "logs": ("logs",),
    "s3": ("s3",),
    "sagemaker": ("sagemaker", *APART),
    "sns": ("sns", "sqs"),
    "sqs": ("sqs",),
}
EVERY = ("cloudformation", *dict.fromkeys(part for parts in PARTS.values() for part in parts))  # a stack can change all of them
NOUNS = {"TrainingJob": "training_jobs", "TransformJob": "transform_jobs", "EndpointConfig": "sagemaker", "Endpoint": "endpoints"}


def parts_of(call: Call) -> tuple[str, ...]:
    """The parts that a call can change."""
    if call.operation.startswith(READING):
        return ()
    if call.service == "cloudformation":
        return EVERY
    if call.service == "sagemaker" and not call.operation.endswith("Tags"):
        return (next((part for noun, part in NOUNS.items() if noun in call.operation), "sagemaker"),)
    return PARTS.get(call.service, ())
