"""Tests of a fleet's run."""
