"""What an endpoint and its function need for a traffic: arithmetic on rates, no AWS."""
