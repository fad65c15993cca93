"""What an answered report looks like."""
