from spend import payments
from verification.management.books import ReadsBook


class Command(ReadsBook):
    help = f"Reads payments from a CSV or .xlsx with {', '.join(payments.BOOK.columns)}. Again changes nothing."
    read = staticmethod(payments.read)
    replaced = "corrected"
