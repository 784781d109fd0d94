"""What judges: the rule catalogue, the payload contract, and the pytest checks."""
