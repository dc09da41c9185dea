"""The networks, and how they are trained."""

PRESETS: dict = {}
RECIPES: dict = {}
