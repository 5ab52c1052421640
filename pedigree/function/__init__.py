"""From the handler's sources to a published Lambda version behind its alias, and the smoke test through it."""
