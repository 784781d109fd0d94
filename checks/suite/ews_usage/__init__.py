"""Tests of ews_usage."""
