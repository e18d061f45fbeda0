"""The attestation that an owner agrees to when saving a certification. Never change a text: add a new version."""

VERSION = "2026-11"

TEXTS = {
    "2026-11": (
        "This business is registered in the United States and holds this certification itself. What I entered is "
        "true to the best of my knowledge, and I will change or withdraw it when it no longer is."
    ),
}

# Source: 15 U.S.C. 645(d) and 13 CFR 128.600.
FEDERAL_PENALTY = (
    "Misrepresenting a business's status to win federal work can be punished with a fine of up to $500,000, "
    "up to 10 years in prison, or both."
)
