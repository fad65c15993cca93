"""Use cases: what the LRS does, told once."""
