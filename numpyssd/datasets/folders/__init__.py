"""Folders as label tools leave them: splits as subfolders, texts of any encoding, and labels that are not read."""
