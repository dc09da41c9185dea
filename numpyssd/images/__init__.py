"""Images: read from files, resized, preprocessed for a network."""
