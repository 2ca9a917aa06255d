"""Forms of values as they are sent in binary, by their kind."""
