"""The log of what staff were shown."""

from certifications.models import StaffRead


def log_staff_read(user, certifications, page) -> None:
    """Record that `user` was shown the details of `certifications` at `page` (a path). One query."""
    StaffRead.objects.bulk_create(
        StaffRead(certification=certification, staff=user, page=page[:200]) for certification in certifications
    )
