"""A stateful simulation of the TorBox API for demos and tests.

It uses only the standard library and shares nothing with the client package. Both are written from the
same document (docs/torbox-api.md), so that a mistake in one isn't repeated in the other.
"""
