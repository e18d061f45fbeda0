"""What an owner agrees to, purpose by purpose, and the question that is asked when that would become more.

A text, once agreed to, is never changed: add a new version. No one is taken to have agreed to a new version, or to
clients that joined the audience later, before they say so: silence means no.
"""

from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from certifications.models import Certification, Consent
from rollout.audience import audience_words

Purpose = Consent.Purpose


class Text(NamedTuple):
    """What is agreed to. `is_material`: whether it asks for more than the version before, so that a new yes is due."""

    words: str
    is_material: bool = True


# By purpose and version, the oldest first.
TEXTS = {
    Purpose.SHOW: {
        "2026-11": Text(
            "Members of the clients I chose see my certifications on my page, with the legal business name, number, "
            "certifying body and dates, while the marketplace monitors what showing them does."
        ),
    },
    Purpose.FIND: {
        "2026-11": Text(
            "Members of the clients I chose may find my page by filtering for a kind of certification. It never "
            "changes where I stand in a list."
        ),
        "2026-11-27": Text(
            "Members of the clients I chose may find my page by filtering for a kind of certification, or by entering "
            "the number or legal business name on my certificate. It never changes where I stand in a list."
        ),
    },
    Purpose.COUNT: {
        "2026-11": Text(
            "A client that hires me may count my certifications in its own reports on what it spends with certified "
            "businesses. Its auditors may read those reports."
        ),
        "2026-11-24": Text(
            "A client that hires me may count my certifications in its own reports on what it spends with certified "
            "businesses. Its auditors may read those reports. The marketplace may count them in totals of at least ten "
            "businesses, to learn what showing them does and to say so."
        ),
    },
}


# The first text that lets clients find a page by the number or legal business name on a certificate.
FOUND_BY_CERTIFICATE = "2026-11-27"


def newest(purpose):
    """(version, Text) as it is agreed to today."""
    return list(TEXTS[purpose].items())[-1]


def last_material(purpose):
    """The last version that asked for more than the one before."""
    return [version for version, text in TEXTS[purpose].items() if text.is_material][-1]


def versions_since(purpose, version):
    """`version` and those after it: a right that a text was the first to name needs a yes to one of these."""
    versions = list(TEXTS[purpose])
    return versions[versions.index(version) :]


def is_covered(consent) -> bool:
    """Whether the version that was agreed to, or declined, is the last that asked for more, or a later one."""
    covering = versions_since(consent.purpose, last_material(consent.purpose))
    return consent.version in covering or consent.declined_version in covering


def of(profile) -> dict:
    """The profile's Consent for each purpose, by purpose; an unsaved one that is not given where there is none."""
    found = {consent.purpose: consent for consent in Consent.objects.filter(profile=profile)}
    return {
        purpose: found.get(purpose)
        or Consent(profile=profile, purpose=purpose, is_given=False, version="", plans=[], decided_at=None)
        for purpose in Purpose
    }


@transaction.atomic
def choose(profile, purpose, *, is_given, plans, by) -> bool:
    """Agree, or take it back. `plans`: those that the person was shown. Returns whether anything changed."""
    version, _ = newest(purpose)
    values = {"is_given": is_given, "decided_at": timezone.now(), "decided_by": by}
    agreed = {"version": version, "plans": plans, "declined_version": "", "declined_plans": []}
    consent, is_new = Consent.objects.get_or_create(profile=profile, purpose=purpose, defaults={**values, **agreed})
    if is_new:
        return True
    if is_given and purpose == Purpose.SHOW:
        # Each certification keeps the plans agreed to for it: which clients may be shown them is a question by itself.
        values["version"] = version
    elif is_given:
        values |= agreed
    return bool(Consent.objects.filter(pk=consent.pk, is_given=not is_given).update(**values))


def agree_by_adding(profile, *, plans, by) -> None:
    """That saving the first certification agrees to show it. What was chosen before, even a no, stays."""
    version, _ = newest(Purpose.SHOW)
    defaults = {"is_given": True, "version": version, "plans": plans, "decided_by": by}
    Consent.objects.get_or_create(profile=profile, purpose=Purpose.SHOW, defaults=defaults)


class Question(NamedTuple):
    """What an owner is asked once when what they agreed to would become more."""

    consents: list
    plans: list  # what a yes leads to: the plans agreed to before, and the new ones
    new_plans: list
    texts: list  # (purpose in words, text) of those that changed

    @property
    def audience(self):
        return audience_words(self.plans)

    @property
    def new_clients(self):
        return audience_words(self.new_plans)


def _lacking(consent, policy) -> list:
    """The plans of today's audience about which nothing was said yet."""
    return [plan for plan in policy.audience if plan not in [*consent.plans, *consent.declined_plans]]


def open_consents(policy):
    """Consents that were given and do not cover today's audience, or may not cover today's text."""
    answered = Func(
        F("plans"), F("declined_plans"), function="array_cat", output_field=Consent._meta.get_field("plans")
    )
    newest_only = Q()
    for purpose in Purpose:
        version, _ = newest(purpose)
        newest_only |= Q(purpose=purpose, version=version) | Q(purpose=purpose, declined_version=version)
    covered = Q(answered__contains=policy.audience) & newest_only
    return Consent.objects.filter(is_given=True).annotate(answered=answered).exclude(covered)


def open_question(profile, policy) -> Question | None:
    """The Question that waits for the owner's answer, or None. One query."""
    found = open_consents(policy).filter(profile=profile)
    asked = [consent for consent in found if _lacking(consent, policy) or not is_covered(consent)]
    if not asked:
        return None
    new_plans = {plan for consent in asked for plan in _lacking(consent, policy)}
    agreed = {plan for consent in asked for plan in consent.plans}
    texts = [
        (consent.get_purpose_display(), newest(consent.purpose)[1].words)
        for consent in asked
        if not is_covered(consent)
    ]
    after = [plan for plan in policy.audience if plan in new_plans | agreed]
    return Question(asked, after, [plan for plan in after if plan in new_plans], texts)


@transaction.atomic
def answer_question(profile, policy, *, is_yes, plans, by) -> bool:
    """Agree to what was asked, for every certification of the profile, or decline it. `plans`: those shown.

    What was agreed to or declined before stands either way. Returns whether a question was open.
    """
    question = open_question(profile, policy)
    if question is None:
        return False
    for consent in question.consents:
        version, _ = newest(consent.purpose)
        added = [plan for plan in _lacking(consent, policy) if plan in plans]
        if not is_yes:
            declined_version = version if consent.version != version else ""
            values = {"declined_version": declined_version, "declined_plans": [*consent.declined_plans, *added]}
        else:
            values = {"version": version, "declined_version": "", "plans": [*consent.plans, *added]}
            values |= {"decided_at": timezone.now(), "decided_by": by}
        Consent.objects.filter(pk=consent.pk).update(**values)
        if is_yes and consent.purpose == Purpose.SHOW:
            for plan in added:
                _show_to(profile, plan)
    return True


def _show_to(profile, plan) -> None:
    """Let every certification of the profile be shown to clients on one more plan, withdrawn ones too."""
    field = Certification._meta.get_field("agreed_plans")
    appended = Func(F(field.name), Value(plan), function="array_append", output_field=field)
    records = Certification.objects.filter(profile=profile).exclude(agreed_plans__contains=[plan])
    records.update(agreed_plans=appended, updated_at=timezone.now())


def ask_again(profile) -> bool:
    """Forget what was declined, so that it is asked anew. Returns whether anything was."""
    declined = Consent.objects.filter(profile=profile).exclude(declined_plans=[], declined_version="")
    return bool(declined.update(declined_plans=[], declined_version=""))


def offered_plans(profile, policy) -> list:
    """The plans that a new certification is shown to: today's audience, but for those that the owner declined."""
    declined = of(profile)[Purpose.SHOW].declined_plans
    return [plan for plan in policy.audience if plan not in declined]


def shown_plans(posted, policy) -> list:
    """Of the plans that a form says it showed, those of today's audience: what became wider since was not shown."""
    return [plan for plan in policy.audience if plan in posted]
