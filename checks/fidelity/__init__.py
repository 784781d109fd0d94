"""Fidelity: the vendors' own clients, each in a process of its own, against the sandbox.

Run by `pytest -m fidelity`, with the extra `fidelity` installed, and node and npm for Nylas's Node SDK.
"""
