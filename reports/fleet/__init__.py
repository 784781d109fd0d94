"""What is written down of a fleet: one artefact over the results of its tenants, and the views of it."""
