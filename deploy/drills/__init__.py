"""Drills: the site on real servers of its own, on loopback, while something is taken from it.

`python -m deploy.drills` lists them, and `python -m deploy.drills NAME` runs one. Each ends by itself, prints what it
measured, and exits with 0 if the site kept its promise. See docs/operations.md, "Drills".
"""
