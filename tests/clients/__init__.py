"""Other people's clients and tests against the embedded AWS, each in an environment of its own: `make test-clients`."""
