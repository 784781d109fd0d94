"""Tests of powershell."""
