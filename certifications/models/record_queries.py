"""The queries for records: with their verification level, by number or name, and in order.

The visibility rule is in `certifications/rule.py`.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Upper

from certifications.models.catalogue import Certificate
from certifications.models.evidence import Evidence, Step
from certifications.models.local_days import local_day, local_today, time_left
from certifications.numbers import number_key, with_and_without
from certifications.rule import VisibilityQuerySet
from common.searching import Word, query_of, words_of

if TYPE_CHECKING:
    from certifications.models.record import Certification

SHORTEST_BEGINNING = 3  # letters of a legal business name


def plain_key(text: F | Value) -> Func:
    """Return SQL for `text` without case, spaces, punctuation and leading zeros."""
    letters_and_digits = Func(
        text, Value("[^[:alnum:]]"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    return Func(Upper(letters_and_digits), Value("0"), function="ltrim", output_field=TextField())


def legal_name_words() -> SearchVector:
    """Return SQL for the words of a legal business name. An index holds them, so no record is read for them."""
    return SearchVector(words_of(F("legal_business_name")), config="simple")


def _word_or_longer(part: str) -> str:
    """Return the tsquery of a word and, unless it is too short, of words that begin with it."""
    return f"'{part}':*" if len(part) >= SHORTEST_BEGINNING else f"'{part}'"


class CertificationQuerySet(VisibilityQuerySet):
    def of_numbers_or_names(self, numbers: Iterable[str], names: Iterable[Sequence[Word]]) -> Self:
        """Return the records with one of these certificate numbers, or with all words of a name in their legal name.

        A number may have the acronyms that the catalogue gives for the certificate and its body, or lack them. The
        words of a name come from `typed_words`. A word of three letters or more also finds longer ones that begin with
        it. What is empty finds nothing. One query for the catalogue.
        """
        fits = Q(pk__in=[])
        numbered = {number_key(number) for number in numbers} - {""}
        for certificate in Certificate.objects.select_related("body"):
            if numbered:
                keys = set().union(*(with_and_without(key, certificate.acronyms) for key in numbered))
                fits |= Q(certificate=certificate.pk, number_key__in=sorted(keys))
        queries = [" & ".join(query_of(word, _word_or_longer) for word in words) for words in names if words]
        if queries:
            query = " | ".join(f"({query})" for query in queries)
            fits |= Q(legal_name_words=SearchQuery(query, search_type="raw", config="simple"))
        return self.alias(legal_name_words=legal_name_words()).filter(fits)

    def with_step(self) -> Self:
        """Annotate `step` (the value of a `Step`) and `known_on`, the date of its evidence.

        The step is the highest of the evidence that holds today for the current report. Without evidence the record is
        self-reported, on the day of the report in the profile's time zone.
        """
        evidence = Evidence.objects.filter(certification=OuterRef("pk")).holding(
            reported_at=OuterRef("self_reported_at"),
            issued_on=OuterRef("issued_on"),
            expires_on=OuterRef("expires_on"),
            today=local_today(OuterRef),
        )
        best = evidence.best_first()
        return self.annotate(
            step=Coalesce(Subquery(best.values("step")[:1]), Step.SELF_REPORTED),
            known_on=Coalesce(Subquery(best.values("evidence_on")[:1]), local_day(F("self_reported_at"))),
        )

    def as_self_reported(self) -> Self:
        """Annotate the lowest `step`, where no one asks for evidence."""
        return self.annotate(step=Value(Step.SELF_REPORTED))

    def with_time_left(self) -> Self:
        """Annotate `time_left`, a timedelta until the last day in the profile's time zone, to read as a value."""
        return self.annotate(time_left=time_left())

    def for_display(self) -> Self:
        """Return the records in the order of a rail, with the rows that a badge names. One query."""
        return self.select_related("type", "certificate__body").order_by("type__position", "type", "-pk")

    def same_as(self, record: "Certification") -> Self:
        """Return the current records of the same profile, certificate, body and number, however the number is typed."""
        return self.current().filter(
            profile=record.profile_id,
            certificate=record.certificate_id,
            number_key__in=record.number_keys,
            body_key=plain_key(Value(record.other_body)),
        )

    def current(self) -> Self:
        """Return the records that their owner has not withdrawn."""
        return self.filter(withdrawn_at=None)

    def with_number_elsewhere(self) -> Self:
        """Annotate `number_elsewhere`, true if another profile has a current record with the number. For staff only."""
        others = (
            type(self)(self.model)
            .current()
            .filter(certificate=OuterRef("certificate"), number_key=OuterRef("number_key"))
            .exclude(profile=OuterRef("profile"))
        )
        return self.annotate(number_elsewhere=Exists(others))
