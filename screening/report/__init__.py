"""Tables of results: for the terminal, and as CSV, JSON and Markdown."""
