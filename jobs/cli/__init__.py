"""The command line: options in, words and exit codes out. Only `__main__.py` files import it."""
