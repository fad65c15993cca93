"""What reports need of a statement: facts, and what they are made of. Pure."""
