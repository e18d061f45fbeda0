from sourcing.models.export import Export
from sourcing.models.listing import CertifiedListing, Listing
from sourcing.models.saved import SavedMatch, SavedSearch
from sourcing.models.shortlist import Shortlist, ShortlistEntry
from sourcing.models.talk import TalkInvitation, TalkMessage
from sourcing.models.terms import TermsAcceptance

__all__ = [
    "CertifiedListing",
    "Export",
    "Listing",
    "SavedMatch",
    "SavedSearch",
    "Shortlist",
    "ShortlistEntry",
    "TalkInvitation",
    "TalkMessage",
    "TermsAcceptance",
]
