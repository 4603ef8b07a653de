"""Marking rows that repeat others, one file a method."""
