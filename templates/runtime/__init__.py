"""The replay runtime of a fixture: the same files, byte for byte, in every fixture."""
