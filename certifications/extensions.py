"""What the app adds to the apps below it. Imported when Django starts."""

from certifications.models import CertificationType
from rollout import types

types.every_type.register(CertificationType.objects.all)
