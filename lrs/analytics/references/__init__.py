"""What is known beside the statements: people, courses, outcomes; from files, kept as records."""
