"""The rail of a profile: its certifications as one viewer sees them."""

from collections.abc import Sequence

from certifications import disclosures
from certifications.badges import Badge, badges_for_clients
from certifications.mail.sending import editors_of
from certifications.models import Certification, CountryInterest, Disclosure
from certifications.sharing import consents, pauses
from certifications.staff_reads import log_staff_read
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.audience import audience_words
from rollout.models import RolloutPolicy

UNFOLDED = 2  # badges that stand open on a phone


class Rail:
    """The certifications of `profile` as `viewer` sees them. False if there is nothing to show: then no trace shows."""

    # For members of the agency: the names of those who can change what it shows.
    admins: Sequence[str] = ()
    # True if no client was shown anything, or today's view is noted already.
    is_noted = True

    def __init__(self, profile: Profile, viewer: Viewer, policy: RolloutPolicy) -> None:
        self._policy = policy
        self.is_editor = viewer.edits(profile)
        self.is_for_client = not self.is_editor and not viewer.reads_certifications
        if self.is_for_client:
            self.badges, self.is_noted = badges_for_clients(profile, viewer, policy)
            if not self.badges and profile.pk in viewer.member_profile_ids:
                self._show_to_member(profile, viewer, policy)
            return
        visible = Certification.objects.visible_to(viewer, policy).filter(profile=profile).current()
        records = list(visible.with_status(policy).with_step().for_display())
        self.badges = [Badge.with_status(record) for record in records]
        if self.is_editor:
            self.disclosure = Disclosure.of(profile)
            self.question = consents.open_question(profile, policy)
            self.pause = pauses.of(profile)
            self.is_in_us = disclosures.is_in_us(profile)
            if not self.is_in_us:
                self.has_interest = CountryInterest.objects.filter(profile=profile).exists()
        elif records:
            log_staff_read(viewer.user, records, profile.get_absolute_url())

    def _show_to_member(self, profile: Profile, viewer: Viewer, policy: RolloutPolicy) -> None:
        """Show what the agency lets its members see, and who can change it. No client views it, so nothing is noted."""
        self.is_for_client = False
        shown = Certification.objects.visible_to(viewer, policy).filter(profile=profile)
        self.badges = [Badge.of(record) for record in shown.with_step().for_display()]
        self.admins = [user.get_full_name() for user in editors_of(profile)] if self.badges else []

    def __bool__(self) -> bool:
        return self.is_editor or bool(self.badges)

    @property
    def first_badges(self) -> list[Badge]:
        return self.badges[:UNFOLDED]

    @property
    def more_badges(self) -> list[Badge]:
        """The badges that a phone folds."""
        return self.badges[UNFOLDED:]

    @property
    def audience(self) -> str:
        return audience_words(self._policy.audience)
