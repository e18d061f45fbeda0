from sourcing.models.export import Export
from sourcing.models.followed import (
    FollowedCertificate,
    FollowedCertification,
    FollowedConsent,
    FollowedEvidence,
    FollowedProfile,
)
from sourcing.models.listing import CertifiedListing, Listing
from sourcing.models.saved import SavedMatch, SavedSearch
from sourcing.models.shortlist import Shortlist, ShortlistEntry
from sourcing.models.talk import TalkInvitation, TalkMessage
from sourcing.models.terms import TermsAcceptance

__all__ = [
    "CertifiedListing",
    "Export",
    "FollowedCertificate",
    "FollowedCertification",
    "FollowedConsent",
    "FollowedEvidence",
    "FollowedProfile",
    "Listing",
    "SavedMatch",
    "SavedSearch",
    "Shortlist",
    "ShortlistEntry",
    "TalkInvitation",
    "TalkMessage",
    "TermsAcceptance",
]
