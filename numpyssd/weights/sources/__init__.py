"""Third-party checkpoints: their names and layouts become ours."""
