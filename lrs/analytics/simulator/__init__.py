"""Learners who never were, with planted effects, to see whether reports find these."""
