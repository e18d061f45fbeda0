from sourcing.models.listing import Listing
from sourcing.models.shortlist import Shortlist, ShortlistEntry
from sourcing.models.talk import TalkInvitation, TalkMessage
from sourcing.models.terms import TermsAcceptance

__all__ = ["Listing", "Shortlist", "ShortlistEntry", "TalkInvitation", "TalkMessage", "TermsAcceptance"]
