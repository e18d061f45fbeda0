from datetime import date
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import capfirst

from certifications.models import CertificationType, CertifyingBody
from certifications.models.catalogue import today
from verification.models import Register, RegisterFile
from verification.registers import in_force, loading, looking_through, uploads
from verification.registers.columns import PATTERNS
from verification.registers.reading import ALL_SHEETS


class Command(BaseCommand):
    help = (
        "Loads a CSV or XLSX file of a public register. A register that does not exist yet is made, for “State or "
        "local agency” unless --body names another. The same file again changes nothing; a newer one replaces it. "
        "Where that would cost rows or matches, the command stops and says what would go, unless --accept-losses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="the key of the register, such as maryland-mdot")
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", help="what a new register is called")
        parser.add_argument("--body", default="state", help="the key of a new register's certifying body")
        parser.add_argument("--agency", default="", help="which agency, for a state or local one")
        parser.add_argument("--as-of", type=date.fromisoformat, default=today(), help="YYYY-MM-DD; today by default")
        parser.add_argument(
            "--sheet", help=f"the sheet of a workbook, if not the first visible one; {ALL_SHEETS} for all"
        )
        parser.add_argument("--header-line", type=int, help="the line of the header, if it is not found; 0 if none")
        parser.add_argument(
            "--column", action="append", default=[], metavar="FIELD=HEADER",
            help=f"the column of a field ({', '.join(PATTERNS)}), if it is not found; once for each",
        )  # fmt: skip
        parser.add_argument(
            "--code", action="append", default=[], metavar="CODE=TYPE,…", help="the types that a code stands for"
        )
        parser.add_argument(
            "--codes", action="append", default=[], metavar="HEADER", help="a column of codes, if it is not found"
        )
        parser.add_argument(
            "--yes-no", action="append", default=[], metavar="HEADER", help="a column that says Yes or No, likewise"
        )
        parser.add_argument("--type", action="append", default=[], metavar="TYPE", help="what every row is")

        parser.add_argument(
            "--accept-losses", action="store_true", help="put it in force whatever rows and matches that costs"
        )

    def handle(self, register: str, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if file.stat().st_size > uploads.MOST_BYTES:
            raise CommandError(f"{file} is larger than {uploads.MOST_BYTES // 1_000_000} MB.")
        of = self.register(register, options)
        with file.open("rb") as opened:
            received = uploads.receive(
                of, File(opened, name=file.name), name=file.name, as_of=options["as_of"],
                wanted={"sheet": options["sheet"], "header_line": options["header_line"]},
            )  # fmt: skip
        looking_through.look_through(received)
        self.refuse_failed(received)
        self.choose_codes(received, options)
        looking_through.start(received, self.mapping(received, options))
        loading.load(received)
        received.refresh_from_db()
        self.refuse_failed(received)
        for note in received.found["notes"]:
            samples = f" Such as: {'; '.join(note['samples'])}" if note["samples"] else ""
            self.stdout.write(f"{note['text']}{samples}")
        if received.state == RegisterFile.State.STORED:
            self.put_in_force(received, agreed=options["accept_losses"])
        self.stdout.write(
            f"{received.rows_read} rows read, {received.rows_stored} stored, {received.rows_skipped} left out, "
            f"{received.rows_vanished} gone since the file before. {received.error}".strip()
        )

    def put_in_force(self, file: RegisterFile, *, agreed: bool) -> None:
        try:
            in_force.put_in_force(file, agreed=agreed)
        except in_force.NeedsYes as needed:
            in_force.discard(file)
            raise CommandError(
                f"It was not put in force. {' '.join(needed.args)} If that is right, say --accept-losses."
            ) from needed
        except (in_force.Changed, loading.Outdated, RegisterFile.NotPossible) as error:
            in_force.discard(file)
            raise CommandError("Another file was put in force meanwhile. Run this again.") from error
        file.refresh_from_db()
        loading.load(file)

    def choose_codes(self, file: RegisterFile, options: dict[str, Any]) -> None:
        """Survey the columns of codes and of Yes and No that the command line names."""
        header, columns = file.found["header"], file.mapping["columns"]
        for name in ("codes", "yes_no"):
            unknown = [title for title in options[name] if title not in header]
            if unknown:
                raise CommandError(f"There is no column {unknown[0]}: the headers are {header}.")
        chosen = {"type": options["codes"], "yes_no": options["yes_no"]}
        said = {name: [header.index(title) for title in titles] for name, titles in chosen.items() if titles}
        if said:
            looking_through.look_again(file, mapping=file.mapping | {"columns": columns | said})
            looking_through.look_through(file)
            self.refuse_failed(file)

    def register(self, key: str, options: dict[str, Any]) -> Register:
        body = CertifyingBody.objects.filter(key=options["body"]).first()
        if body is None:
            raise CommandError(f"There is no certifying body {options['body']}. Run load_catalogue first?")
        name = options["name"] or capfirst(key.replace("-", " "))
        made = {"name": name, "body": body, "agency": options["agency"]}
        return Register.objects.get_or_create(key=key, defaults=made)[0]

    def refuse_failed(self, file: RegisterFile) -> None:
        if file.state == RegisterFile.State.FAILED:
            raise CommandError(file.error)

    def mapping(self, file: RegisterFile, options: dict[str, Any]) -> dict[str, Any]:
        """Return the mapping that the survey found, with the command line's corrections."""
        mapping, header = file.mapping, file.found["header"]
        for said in options["column"]:
            field, _, title = said.partition("=")
            if field not in PATTERNS or title not in header:
                raise CommandError(f"--column {said}: the fields are {', '.join(PATTERNS)}, the headers {header}.")
            mapping["columns"][field] = header.index(title)
        for said in options["code"]:
            code, _, types = said.partition("=")
            mapping["codes"][code.upper()] = [key for key in types.split(",") if key]
        mapping["types"] = sorted({*mapping["types"], *options["type"]})
        known = set(CertificationType.objects.values_list("key", flat=True))
        named = {*mapping["types"], *(key for keys in mapping["codes"].values() for key in keys)}
        if named - known:
            raise CommandError(
                f"There is no type {', '.join(sorted(named - known))}: it is one of {', '.join(sorted(known))}."
            )
        if mapping["columns"]["name"] is None:
            raise CommandError(f"The column of the names was not found. Say --column name=… of {header}.")
        return mapping
