"""What events of learning platforms, and statements of any source, mean: tables, and a few functions that read them."""
