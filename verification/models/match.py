"""Matches in registers: the entry behind a piece of evidence, and the file that ended one."""

import pgtrigger
from django.db import models, transaction
from django.db.models import Q

from certifications.models import Certification, Evidence, Step
from common.triggers import requires
from profiles.models import User
from verification.models.register import Register, RegisterFile

EVIDENCE = Evidence._meta.db_table


class RegisterMatch(models.Model):
    """The entry of a public register that a piece of evidence rests on. It never changes."""

    evidence = models.OneToOneField(Evidence, models.CASCADE, primary_key=True, related_name="match")
    register = models.ForeignKey(Register, models.PROTECT, related_name="matches")
    # The file that lists the entry. Taking the file back ends the evidence.
    file = models.ForeignKey(RegisterFile, models.PROTECT, null=True, blank=True, related_name="matches")
    listed_as = models.TextField("row of the register", help_text="Its identity in every file of the register.")

    class Meta:
        verbose_name = "match in a register"
        verbose_name_plural = "matches in registers"
        default_permissions = ()
        indexes = [models.Index(fields=["register", "listed_as"], name="register_match_listed")]
        constraints = [
            models.CheckConstraint(
                name="register_match_names_its_row",
                condition=~Q(listed_as=""),
                violation_error_message="A match names the row of the register",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="register_match_stays_as_written"),
            requires(
                "register_match_is_of_that_step",
                f"EXISTS (SELECT FROM {EVIDENCE} WHERE id = NEW.evidence_id AND step = {Step.REGISTER.value})",
                "Only a match in a register rests on a row of one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register}: {self.listed_as}"

    @transaction.atomic
    def save_for(self, record: Certification, *, by: User | None = None) -> None:
        """Save the match and its unsaved evidence for what `record` reports now. Raises Evidence.TooEarly."""
        record.gain(self.evidence, by=by)
        self.save(force_insert=True)


class RegisterEnding(models.Model):
    """A piece of evidence that a register's file ended. It holds again if the file is taken back."""

    evidence = models.OneToOneField(Evidence, models.CASCADE, primary_key=True, related_name="ending")
    file = models.ForeignKey(RegisterFile, models.PROTECT, related_name="endings")

    class Meta:
        verbose_name = "end of evidence by a register's file"
        verbose_name_plural = "ends of evidence by a register's file"
        default_permissions = ()
        triggers = [
            requires(
                "register_ending_is_of_ended_evidence",
                f"""EXISTS (
                    SELECT FROM {EVIDENCE} WHERE id = NEW.evidence_id
                    AND ended_because IN ('{Evidence.Ending.VANISHED}', '{Evidence.Ending.REPLACED}')
                )""",
                "A file ends evidence by no longer listing it, or by newer evidence.",
                operation=pgtrigger.Insert | pgtrigger.Update,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} ended by {self.file}"


class RegisterEvidence(Evidence):
    """The table of evidence again, so that this app can guard the rows it adds."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [
            requires(
                "register_evidence_has_its_match",
                f"""NOT EXISTS (SELECT FROM {EVIDENCE} WHERE id = NEW.id)
                    OR EXISTS (SELECT FROM {RegisterMatch._meta.db_table} WHERE evidence_id = NEW.id)
                """,  # noqa: S608 - names of our tables
                "A match in a register names the register and its row.",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,  # both rows are written before the commit
                condition=pgtrigger.Q(new__step=Step.REGISTER.value),
            ),
        ]
