"""The consents of owners, purpose by purpose, and the question that is asked before a consent covers more.

A text is never changed once someone has agreed to it: add a new version. Silence means no, both to a new version and
to clients that joined the audience later.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, Value
from django.utils import timezone

from certifications.models import Certification, Consent
from common.hooks import Hook
from profiles.models import Profile, User
from rollout.audience import audience_words
from rollout.models import RolloutPolicy

# Called with a profile whose owner took back a consent for clients, to delete what was kept by it.
taken_back = Hook()

Purpose = Consent.Purpose
# Consents for these are about clients, and cover plans.
FOR_CLIENTS = (Purpose.SHOW, Purpose.FIND, Purpose.COUNT)


class Text(NamedTuple):
    """A text to agree to. `is_material`: it asks for more than the version before, so it needs a new yes."""

    words: str
    is_material: bool = True


# The texts by purpose and version, oldest first.
TEXTS = {
    Purpose.SHOW: {
        "2026-11": Text(
            "People at the clients I choose can see my certifications on my profile, with the legal business name, "
            "number, certifier and dates. The marketplace measures the impact of showing them."
        ),
    },
    Purpose.FIND: {
        "2026-11": Text(
            "People at the clients I choose can find my profile when they filter by certification. It never affects my "
            "ranking in search results."
        ),
        "2026-11-27": Text(
            "People at the clients I choose can find my profile when they filter by certification, or when they enter "
            "the number or the legal business name on my certificate. It never affects my ranking in search results."
        ),
    },
    Purpose.COUNT: {
        "2026-11": Text(
            "A client that hires me can include my certifications in its reports on spending with certified "
            "businesses. Its auditors can read those reports."
        ),
        "2026-11-24": Text(
            "A client that hires me can include my certifications in its reports on spending with certified "
            "businesses. Its auditors can read those reports. The marketplace can count them in totals of at least ten "
            "businesses, to measure the impact of showing them and publish the results."
        ),
        "2026-11-28": Text(
            "A client that hires me can count its payments to me in its reports on spending with certified businesses. "
            "It sees which payments count and by which certificate, with the legal business name, number, certifier, "
            "dates and verification level, also after the certificate has expired. Its auditors can read those "
            "reports. The marketplace can count my certifications in totals of at least ten businesses, to measure the "
            "impact of showing them and publish the results."
        ),
    },
    Purpose.MEMBERS: {
        "2026-11-27": Text(
            "Members of my agency who are not admins can see the certifications that it shows to clients, with the "
            "legal business name, number, certifier and dates. They cannot change them."
        ),
    },
}


# The first version that lets clients find a page by the number or legal business name on a certificate.
FOUND_BY_CERTIFICATE = "2026-11-27"
# The first version that says what a client sees about each payment that its reports count.
COUNTED_BY_PAYMENT = "2026-11-28"


def newest(purpose: str) -> tuple[str, Text]:
    """Return the version and the text that owners agree to today."""
    return list(TEXTS[Purpose(purpose)].items())[-1]


def last_material(purpose: str) -> str:
    """Return the last version that asked for more than the one before."""
    return [version for version, text in TEXTS[Purpose(purpose)].items() if text.is_material][-1]


def versions_since(purpose: str, version: str) -> list[str]:
    """Return `version` and the later ones. A right that it was the first to name needs a yes to one of them."""
    versions = list(TEXTS[Purpose(purpose)])
    return versions[versions.index(version) :]


def is_covered(consent: Consent) -> bool:
    """Return True if the version agreed to, or declined, is the last that asked for more, or a later one."""
    covering = versions_since(consent.purpose, last_material(consent.purpose))
    return consent.version in covering or consent.declined_version in covering


def purposes_of(profile: Profile) -> tuple[Consent.Purpose, ...]:
    """Return the purposes that the owner of `profile` decides about."""
    return (*FOR_CLIENTS, Purpose.MEMBERS) if profile.is_agency else FOR_CLIENTS


def of(profile: Profile) -> dict[Consent.Purpose, Consent]:
    """Return the profile's consent for each of its purposes. Where there is none, it is unsaved and not given."""
    found = {consent.purpose: consent for consent in Consent.objects.filter(profile=profile)}
    return {
        purpose: found.get(purpose)
        or Consent(profile=profile, purpose=purpose, is_given=False, version="", plans=[], decided_at=None)
        for purpose in purposes_of(profile)
    }


@transaction.atomic
def choose(profile: Profile, purpose: str, *, is_given: bool, plans: Sequence[str], by: User | None) -> bool:
    """Agree to a purpose for the `plans` that the person was shown, or take it back. Return True if it changed."""
    version, _ = newest(purpose)
    plans = plans if purpose in FOR_CLIENTS else []
    values = {"is_given": is_given, "decided_at": timezone.now(), "decided_by": by}
    agreed = {"version": version, "plans": plans, "declined_version": "", "declined_plans": []}
    consent, is_new = Consent.objects.get_or_create(profile=profile, purpose=purpose, defaults={**values, **agreed})
    if is_new:
        return True
    if is_given and purpose == Purpose.SHOW:
        # Each certification keeps the plans agreed to for it. More plans need an answer to the question.
        values["version"] = version
    elif is_given:
        values |= agreed
    changed = bool(Consent.objects.filter(pk=consent.pk, is_given=not is_given).update(**values))
    if changed and not is_given and purpose in (Purpose.SHOW, Purpose.COUNT):
        taken_back(profile)
    return changed


def agree_by_adding(profile: Profile, *, plans: Sequence[str], by: User | None) -> None:
    """Agree to show certifications, as saving the first one does. An earlier choice, even a no, stays."""
    version, _ = newest(Purpose.SHOW)
    defaults = {"is_given": True, "version": version, "plans": plans, "decided_by": by}
    Consent.objects.get_or_create(profile=profile, purpose=Purpose.SHOW, defaults=defaults)


class Question(NamedTuple):
    """The question that an owner is asked once before their consents cover more."""

    consents: list[Consent]
    plans: list[str]  # after a yes: the plans agreed to before, and the new ones
    new_plans: list[str]
    texts: list[tuple[str, str]]  # the purpose in words, and the text, of each that changed

    @property
    def audience(self) -> str:
        return audience_words(self.plans)

    @property
    def new_clients(self) -> str:
        return audience_words(self.new_plans)


def _lacking(consent: Consent, policy: RolloutPolicy) -> list[str]:
    """Return the plans of today's audience that the owner has neither agreed to nor declined."""
    return [plan for plan in policy.audience if plan not in [*consent.plans, *consent.declined_plans]]


def open_consents(policy: RolloutPolicy) -> QuerySet[Consent]:
    """Return the given consents that do not cover today's audience, or may not cover today's text."""
    answered = Func(
        F("plans"), F("declined_plans"), function="array_cat", output_field=Consent._meta.get_field("plans")
    )
    newest_only = Q()
    for purpose in FOR_CLIENTS:
        version, _ = newest(purpose)
        newest_only |= Q(purpose=purpose, version=version) | Q(purpose=purpose, declined_version=version)
    covered = Q(answered__contains=policy.audience) & newest_only
    given = Consent.objects.filter(is_given=True, purpose__in=FOR_CLIENTS)
    return given.annotate(answered=answered).exclude(covered)


def asked(profiles: Collection[int], policy: RolloutPolicy) -> set[int]:
    """Return the keys of those of `profiles` for whose owners a question waits. One query."""
    found = open_consents(policy).filter(profile__in=profiles)
    return {consent.profile_id for consent in found if _is_asked(consent, policy)}


def _is_asked(consent: Consent, policy: RolloutPolicy) -> bool:
    return bool(_lacking(consent, policy)) or not is_covered(consent)


def open_question(profile: Profile, policy: RolloutPolicy) -> Question | None:
    """Return the question that waits for the owner's answer, or None. One query."""
    found = [consent for consent in open_consents(policy).filter(profile=profile) if _is_asked(consent, policy)]
    if not found:
        return None
    new_plans = {plan for consent in found for plan in _lacking(consent, policy)}
    agreed = {plan for consent in found for plan in consent.plans}
    texts = [
        (consent.get_purpose_display(), newest(consent.purpose)[1].words)
        for consent in found
        if not is_covered(consent)
    ]
    after = [plan for plan in policy.audience if plan in new_plans | agreed]
    return Question(found, after, [plan for plan in after if plan in new_plans], texts)


@transaction.atomic
def answer_question(profile: Profile, policy: RolloutPolicy, *, is_yes: bool, plans: Collection[str], by: User) -> bool:
    """Answer the open question with yes or no for all certifications of the profile, and the `plans` that it showed.

    Earlier answers stay either way. Return True if a question was open.
    """
    question = open_question(profile, policy)
    if question is None:
        return False
    for consent in question.consents:
        version, _ = newest(consent.purpose)
        values: dict[str, Any]
        added = [plan for plan in _lacking(consent, policy) if plan in plans]
        if not is_yes:
            declined_version = version if consent.version != version else ""
            values = {
                "declined_version": declined_version,
                "declined_plans": [*consent.declined_plans, *added],
            }
        else:
            values = {"version": version, "declined_version": "", "plans": [*consent.plans, *added]}
            values |= {"decided_at": timezone.now(), "decided_by": by}
        Consent.objects.filter(pk=consent.pk).update(**values)
        if is_yes and consent.purpose == Purpose.SHOW:
            for plan in added:
                _show_to(profile, plan)
    return True


def _show_to(profile: Profile, plan: str) -> None:
    """Add a plan to those that the owner agreed to for each certification, withdrawn ones included."""
    field = Certification._meta.get_field("agreed_plans")
    appended = Func(F(field.name), Value(plan), function="array_append", output_field=field)
    records = Certification.objects.filter(profile=profile).exclude(agreed_plans__contains=[plan])
    records.update(agreed_plans=appended, updated_at=timezone.now())


def ask_again(profile: Profile) -> bool:
    """Forget what was declined, so that it is asked again. Return True if anything was declined."""
    declined = Consent.objects.filter(profile=profile).exclude(declined_plans=[], declined_version="")
    return bool(declined.update(declined_plans=[], declined_version=""))


def offered_plans(profile: Profile, policy: RolloutPolicy) -> list[str]:
    """Return the plans that a new certification is shown to: today's audience except those that the owner declined."""
    declined = of(profile)[Purpose.SHOW].declined_plans
    return [plan for plan in policy.audience if plan not in declined]


def shown_plans(posted: Collection[str], policy: RolloutPolicy) -> list[str]:
    """Return the plans of today's audience that a form showed. Plans added since were not shown."""
    return [plan for plan in policy.audience if plan in posted]
