"""The reports, one file each: each file holds one `REPORT`."""
