"""Keep and find: the stores behind one small protocol."""
