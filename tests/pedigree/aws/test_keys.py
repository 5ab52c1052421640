"""Keys and names that stand in accounts: whoever changes one makes every user train, register and deploy again."""

from pedigree.endpoint.config import endpoint_config_request, model_request
from pedigree.function.version import function_key, function_settings
from pedigree.scoring.images import Image, Images
from pedigree.scoring.model import scoring_model_request
from pedigree.scoring.transform_job import cut
from pedigree.settings import Function, Scoring, Serving, Training, Tuning
from pedigree.values import Endpoint, ModelVersion
from tests.lab.keys import PETS, key_of_study, key_of_training, key_of_trial

VERSION = ModelVersion("arn:aws:sagemaker:us-east-1:1:model-package/pets/1", "key", "s3://bucket/a", "created")


def test_the_key_of_a_training_stays() -> None:
    assert key_of_training("d", "c", Training()) == "87e096b43fdbdd2d"


def test_the_keys_of_a_trial_and_of_its_study_stay() -> None:
    assert key_of_trial("d", "c", Training()) == "9bd2285f6637450e"
    assert key_of_study("d", "c", Training(), Tuning()) == "49a63a146a0551d2"


def test_the_names_of_model_and_endpoint_config_stay() -> None:
    model = model_request(PETS, VERSION, Serving(), [])["ModelName"]
    assert model == "pets--model-3869c5242ce3a47f"
    assert endpoint_config_request(PETS, model, Serving(), [])["EndpointConfigName"] == "pets--config-db5622812f7e3c23"


def test_the_key_of_a_function_stays() -> None:
    settings = function_settings(PETS, Endpoint("pets", "c", "AllTraffic", "m", "created"), Function())
    assert function_key("sha", settings) == "ef61df83727389d5"


def test_what_scores_keeps_its_names() -> None:
    (chunk,) = cut(PETS, Images("b", "", (Image("k", "e"),), ()), "p", Scoring())
    assert chunk.key == "bd6d39637de022ad"
    assert scoring_model_request(PETS, "p")["ModelName"] == "pets--model-80a059289cb5ad2f"
