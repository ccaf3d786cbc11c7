"""Scores and ranks: from rows of one level to an order of hosts for each ion."""
