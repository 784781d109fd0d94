"""Proof that every rule can fail, that the layers hold, and that the catalogue is whole."""
