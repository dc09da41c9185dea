"""Folders as label tools leave them: splits as subfolders, texts and JSON, and labels that are not read."""
