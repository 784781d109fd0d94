"""Tests of this suite itself."""
