"""Records as they are read: with their verification level, by number or name, and in order.

Who sees which is `certifications/rule.py`.
"""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Upper

from certifications.models.catalogue import Certificate
from certifications.models.evidence import Evidence, Step
from certifications.models.local_days import local_day, local_today
from certifications.numbers import number_key, with_and_without
from certifications.rule import VisibilityQuerySet
from common.searching import query_of, words_of

SHORTEST_BEGINNING = 3  # letters of a legal business name


def plain_key(text):
    """SQL for `text` without case, spaces, punctuation and leading zeros."""
    letters_and_digits = Func(
        text, Value("[^[:alnum:]]"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    return Func(Upper(letters_and_digits), Value("0"), function="ltrim", output_field=TextField())


def legal_name_words():
    """SQL for the words of a legal business name. An index holds them, so that no record is read with them."""
    return SearchVector(words_of(F("legal_business_name")), config="simple")


def _word_or_longer(part) -> str:
    """The tsquery of a word and, unless it is too short to tell anything, of those that begin with it."""
    return f"'{part}':*" if len(part) >= SHORTEST_BEGINNING else f"'{part}'"


class CertificationQuerySet(VisibilityQuerySet):
    def of_number_or_name(self, number, words):
        """Records with this certificate number, or with all of `words` in their legal business name.

        The number (text) may be typed with or without the acronyms that the catalog has for the certificate and its
        body. `words` is a list of Word, as `typed_words` has it; a word of three letters also stands for longer ones
        that begin with it. Either may be empty and finds nothing then. One query for the catalog.
        """
        fits = Q(pk__in=[])
        key = number_key(number)
        for certificate in Certificate.objects.select_related("body"):
            if key:
                keys = with_and_without(key, certificate.acronyms)
                fits |= Q(certificate=certificate.pk, number_key__in=sorted(keys))
        if words:
            query = " & ".join(query_of(word, _word_or_longer) for word in words)
            fits |= Q(legal_name_words=SearchQuery(query, search_type="raw", config="simple"))
        return self.alias(legal_name_words=legal_name_words()).filter(fits)

    def with_step(self):
        """Records, each with `step` (a `Step`, by its value) and `known_on`, the date of its evidence.

        The step is the highest of the evidence that holds today, of what is reported now; without any the record is
        self-reported, on the day that it was where the owner lives.
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

    def for_display(self):
        """Records with what a badge names, in the order in which a rail lists them. One query."""
        return self.select_related("type", "certificate__body").order_by("type__position", "type", "-pk")

    def same_as(self, record):
        """Current records of the same profile, certificate, body and number, however the number is typed.

        Be it with or without the body's acronym.
        """
        return self.current().filter(
            profile=record.profile_id,
            certificate=record.certificate_id,
            number_key__in=record.number_keys,
            body_key=plain_key(Value(record.other_body)),
        )

    def current(self):
        """Records that their owner has not withdrawn."""
        return self.filter(withdrawn_at=None)

    def with_number_elsewhere(self):
        """Records, each with `number_elsewhere`: whether another profile has one of that number. Staff only."""
        others = (
            type(self)(self.model)
            .current()
            .filter(certificate=OuterRef("certificate"), number_key=OuterRef("number_key"))
            .exclude(profile=OuterRef("profile"))
        )
        return self.annotate(number_elsewhere=Exists(others))
