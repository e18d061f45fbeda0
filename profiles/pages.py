"""What a profile's page needs, in one query a part."""

from django.db.models import Prefetch

from profiles.models import Membership, Profile, WorkHistory


def with_page_content(profiles):
    """`profiles`, each with `positions` (list of WorkHistory, newest first). One more query."""
    return profiles.prefetch_related(Prefetch("work_history", WorkHistory.objects.all(), to_attr="positions"))


def public_members(agency):
    """The freelancer profiles of an agency's people, by name. One query."""
    people = Membership.objects.filter(profile=agency).values("user")
    return (
        Profile.objects.active()
        .filter(kind=Profile.Kind.FREELANCER, memberships__user__in=people)
        .only("kind", "slug", "name", "headline", "photo")
        .order_by("name", "pk")
    )


def missing_parts(profile):
    """What a profile lacks to look complete: list of (section of the editor, what to do), in the page's order."""
    parts = [
        ("photo", "Add a photo", not profile.photo),
        ("intro", "Say in a line what you do", not profile.headline),
        ("overview", "Write an overview", not profile.overview),
        ("skills", "List your skills", not profile.skills),
        ("details", "Set your hourly rate", profile.hourly_rate is None),
    ]
    return [(section, words) for section, words, is_missing in parts if is_missing]
