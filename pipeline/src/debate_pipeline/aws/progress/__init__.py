"""How far jobs are: states, reasons, cost, logs and results."""
