"""Reports of what a command did, as JSON for machines and as one HTML page for people."""
