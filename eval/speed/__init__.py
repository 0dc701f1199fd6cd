"""Speed: this package beside what a user would do instead, on the same sentences and weights."""
