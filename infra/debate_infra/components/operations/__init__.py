"""What a person watches: one dashboard, alarms, a budget."""
