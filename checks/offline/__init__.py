"""Checks that need no tenant: builder, payload files, client."""
