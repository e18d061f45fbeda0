"""What a sign-in through a client's SAML provider costs, in multiples of one by password without the hashing."""

from statistics import median

from benchmarks.databases import Process

PROFILES, CERTIFIED = 10_000, 30
MOST = 2


def measure(databases):
    """Seconds of CPU by the way to sign in."""
    with Process("benchmarks.sign_in", databases.filled(PROFILES, CERTIFIED)) as process:
        return {name: median(seconds) for name, seconds in process.ask("compare").items()}


def report(taken, met):
    times = taken["saml"] / taken["password"]
    print(
        f"\nA sign-in through SAML (three requests) takes {times:.1f}x the CPU of one by password without the hashing"
        f" (one request, {taken['password'] * 1000:.0f} ms; wanted ≤ {MOST}: {met(times <= MOST)})."
    )
