"""A stateful look-alike of the TorBox API for demos and tests.

Standard library only, and nothing in common with the client package: the two are written from the
same document (docs/torbox-api.md) so that an error in one is not repeated in the other.
"""
