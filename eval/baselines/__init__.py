"""Systems to stand beside the model: what little or no learning already gives."""
