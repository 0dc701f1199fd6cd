"""From article text to sentences with offsets."""
