from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.days import day
from verification.models import Register, RegisterFile
from verification.registers import in_force, loading


class Command(BaseCommand):
    help = "Takes the file of a public register back that is in force. The file before it is in force again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="the key of the register, such as maryland-mdot")

    def handle(self, register: str, **options: Any) -> None:
        file = RegisterFile.objects.filter(current_of__key=register).first()
        if file is None:
            keys = ", ".join(Register.objects.filter(current__isnull=False).values_list("key", flat=True))
            raise CommandError(f"No file of a register {register} is in force. Loaded are: {keys or 'none'}.")
        try:
            before = in_force.take_back(file)
        except RegisterFile.NotPossible as error:
            raise CommandError("The rows of the file before it are gone. Load a file instead.") from error
        if before:
            loading.load(before)
        now = f"The state of {day(before.as_of)} is in force again." if before else "No file of it is in force now."
        self.stdout.write(f"{file.name} was taken back. {now}")
