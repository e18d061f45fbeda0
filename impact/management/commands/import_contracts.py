from impact import contracts
from verification.management.books import ReadsBook


class Command(ReadsBook):
    help = f"Reads contracts from a CSV or .xlsx with {', '.join(contracts.BOOK.columns)}. Again changes nothing."
    read = staticmethod(contracts.read)
    replaced = "changed"
