"""The way to v3: the plan, the tables of v2 and v3, and the next action."""
