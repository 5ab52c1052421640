"""Small programs, one feature each; all but `own_flow` are made of `pedigree/` alone and need an AWS profile, no Prefect server.

With the stack of `make up`, in the repository's folder:

    export AWS_CONFIG_FILE=$PWD/.pedigree/aws/config AWS_SHARED_CREDENTIALS_FILE=$PWD/.pedigree/aws/credentials
    .venv/bin/python -m examples.train .pedigree/shapes
"""
