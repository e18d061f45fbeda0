"""What certifications add to the apps below them, which do not know them. Imported when Django starts."""

from certifications.models import CertificationType
from rollout import types

types.every_type.register(CertificationType.objects.all)
