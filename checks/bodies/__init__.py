"""Judges a user's own request bodies and builders."""
