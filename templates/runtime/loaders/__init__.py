"""Decoders of the server's text and bytes, one module a family of types."""
