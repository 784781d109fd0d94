"""Tests of exchange_logs."""
