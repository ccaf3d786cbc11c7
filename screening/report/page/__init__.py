"""The report: one page that holds everything and opens without a network."""
