"""Checks that judge the evidence of one tenant, a module for each group of the catalogue."""
