"""The attestation that an owner agrees to when saving a certification. Never change a text: add a new version."""

VERSION = "2026-11"

TEXTS = {
    "2026-11": (
        "My business is registered in the United States and holds this certification. To the best of my knowledge, "
        "this information is true. I will update or remove it if that changes."
    ),
}

# Source: 15 U.S.C. 645(d) and 13 CFR 128.600.
FEDERAL_PENALTY = (
    "Under federal law, misrepresenting a business's status to win federal work can lead to a fine of up to $500,000, "
    "up to 10 years in prison, or both."
)
