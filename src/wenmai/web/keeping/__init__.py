"""Backup, verification and restore of a home: its database and its files in one archive (docs/decisions, backup format)."""
