from spend.models.disputed import Disputed
from spend.models.payment import Payment, PaymentFile
from spend.models.rules import AddressableSpend, SavedRules

__all__ = ["AddressableSpend", "Disputed", "Payment", "PaymentFile", "SavedRules"]
