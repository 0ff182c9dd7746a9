"""Nets trained together on MNIST: their parameters, their steps, their data."""
