from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devtools import expand_and_contract


class Command(BaseCommand):
    help = "Fails if a migration could not be applied while the release before this one serves."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        found = list(map(str, expand_and_contract.objections()))
        if found:
            reason = f"If one does no harm, say why in its `{expand_and_contract.REASON}`."
            raise CommandError("\n".join([*found, reason]))
