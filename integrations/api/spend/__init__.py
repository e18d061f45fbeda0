"""Spend with certified businesses, as the pages of spend show it. Nothing here counts anything itself."""
