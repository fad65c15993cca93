"""Facts of statements in a lake of files, and the reports that are read from it."""
