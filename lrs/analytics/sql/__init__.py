"""SQL that several reports are put together from: fixed text, portable, never with a value in it."""
