"""The lake: facts in a Delta table, the small tables beside them, and the engines that read both."""
