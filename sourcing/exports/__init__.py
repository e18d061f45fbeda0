"""Files of a search or a shortlist for a client's procurement: CSV and XLSX, of what the rule shows at that moment."""

from sourcing.exports.making import ask, is_still_true, make_anew, remove_old, restart_stopped
from sourcing.exports.subject import set_search, set_shortlist, subject

__all__ = [
    "ask",
    "is_still_true",
    "make_anew",
    "remove_old",
    "restart_stopped",
    "set_search",
    "set_shortlist",
    "subject",
]
