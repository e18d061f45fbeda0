from datetime import date
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst

from certifications.models import CertificationType, CertifyingBody, Register, RegisterFile
from certifications.models.catalogue import today
from certifications.registers import loading
from certifications.registers.columns import PATTERNS


class Command(BaseCommand):
    help = (
        "Loads a CSV or XLSX file of a public register. A register that does not exist yet is made, for “State or "
        "local agency” unless --body names another. The same file again changes nothing; a newer one replaces it."
    )

    def add_arguments(self, parser):
        parser.add_argument("register", help="the key of the register, such as maryland-mdot")
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", help="what a new register is called")
        parser.add_argument("--body", default="state", help="the key of a new register's certifying body")
        parser.add_argument("--agency", default="", help="which agency, for a state or local one")
        parser.add_argument("--as-of", type=date.fromisoformat, default=today(), help="YYYY-MM-DD; today by default")
        parser.add_argument("--sheet", help="the sheet of a workbook, if not the first visible one")
        parser.add_argument("--header-line", type=int, help="the line of the header, if it is not found")
        parser.add_argument(
            "--column", action="append", default=[], metavar="FIELD=HEADER",
            help=f"the column of a field ({', '.join(PATTERNS)}), if it is not found; once for each",
        )  # fmt: skip
        parser.add_argument(
            "--code", action="append", default=[], metavar="CODE=TYPE,…", help="the types that a code stands for"
        )
        parser.add_argument("--type", action="append", default=[], metavar="TYPE", help="what every row is")

    def handle(self, register, file, **options):
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if file.stat().st_size > loading.MOST_BYTES:
            raise CommandError(f"{file} is larger than {loading.MOST_BYTES // 1_000_000} MB.")
        of = self.register(register, options)
        with file.open("rb") as opened:
            received = loading.receive(of, File(opened, name=file.name), name=file.name, as_of=options["as_of"])
        loading.look_through(received, sheet=options["sheet"], header_line=options["header_line"])
        self.refuse_failed(received)
        mapping = self.mapping(received, options)
        loading.start(received, mapping)
        loading.load(received)
        received.refresh_from_db()
        self.refuse_failed(received)
        self.stdout.write(
            f"{received.rows_read} rows read, {received.rows_stored} stored, {received.rows_skipped} left out, "
            f"{received.rows_vanished} gone since the file before. {received.error}".strip()
        )

    def register(self, key, options):
        body = CertifyingBody.objects.filter(key=options["body"]).first()
        if body is None:
            raise CommandError(f"There is no certifying body {options['body']}. Run load_catalogue first?")
        name = options["name"] or capfirst(key.replace("-", " "))
        made = {"name": name, "body": body, "agency": options["agency"]}
        return Register.objects.get_or_create(key=key, defaults=made)[0]

    def refuse_failed(self, file):
        if file.state == RegisterFile.State.FAILED:
            raise CommandError(file.error)

    def mapping(self, file, options):
        """What was found, with what the command line says instead."""
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
