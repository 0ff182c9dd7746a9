"""Figures: a catalogue that is light to import, and the functions that draw them."""
