"""What people decide and do about learning: ledgers, each declared once."""
