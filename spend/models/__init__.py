from spend.models.payment import Payment, PaymentFile
from spend.models.rules import AddressableSpend, SavedRules

__all__ = ["AddressableSpend", "Payment", "PaymentFile", "SavedRules"]
