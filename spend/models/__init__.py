from spend.models.disputed import Disputed
from spend.models.goals import Goal
from spend.models.issued import IssuedReport, ReportDraft, ReportedDetails, ReportedPayee, ReportedPayment
from spend.models.pack import AuditPack
from spend.models.payment import Payment, PaymentFile
from spend.models.rules import AddressableSpend, SavedRules
from spend.models.vendors import VendorList

__all__ = [
    "AddressableSpend",
    "AuditPack",
    "Disputed",
    "Goal",
    "IssuedReport",
    "Payment",
    "PaymentFile",
    "ReportDraft",
    "ReportedDetails",
    "ReportedPayee",
    "ReportedPayment",
    "SavedRules",
    "VendorList",
]
