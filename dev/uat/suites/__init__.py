"""One module per suite of the plan."""
