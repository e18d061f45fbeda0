"""The log of records that staff were shown."""

from collections.abc import Iterable

from certifications.models import Certification, StaffRead
from profiles.models import User


def log_staff_read(user: User | None, certifications: Iterable[Certification], page: str) -> None:
    """Note that `user` was shown the details of `certifications` at the path `page`. One query."""
    StaffRead.objects.bulk_create(
        StaffRead(certification=certification, staff=user, page=page[:200]) for certification in certifications
    )
