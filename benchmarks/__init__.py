"""What pages cost, each as a ratio to a view that does nothing behind the same middleware: `python -m benchmarks`.

Ratios of one run can be compared between machines and releases; the seconds behind them cannot.
"""
