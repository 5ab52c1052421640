"""The verbs of AWS that the flows put in sequence: each task builds a request, makes the call and gives a small frozen value back."""
