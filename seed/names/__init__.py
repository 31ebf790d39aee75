"""Dictionaries that turn the abbreviations of the data into words."""
