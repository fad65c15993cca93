"""Measures any LRS over HTTP: the same work for each, a table and JSON out."""
