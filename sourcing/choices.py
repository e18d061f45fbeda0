"""The choices that the fields of a client's search offer to the viewer."""

from django import forms
from django.db.models import TextChoices

from certifications.models import Certificate, CertifyingBody
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import access
from sourcing.models import SavedSearch


class Match(TextChoices):
    """Whether a profile must have any or all of the chosen types."""

    ANY = "any", "Any selected type"
    ALL = "all", "All selected types"


class Sort(TextChoices):
    """The order of the results."""

    RELEVANCE = "relevance", "Best match"
    RECENT = "recent", "Recently active"
    NAME = "name", "Name"


class CertificateField(forms.ModelChoiceField):
    """A certificate; where its body is typed in, there is one for each type, so that its label needs the type."""

    def label_from_instance(self, certificate: Certificate) -> str:
        if certificate.names_body:
            return f"{certificate.body}: {certificate.type}"
        return super().label_from_instance(certificate)


class Choices:
    """The values that `viewer` can choose: the types their client uses, and their own saved searches.

    One query; the querysets are for the fields to read.
    """

    def __init__(self, viewer: Viewer, policy: RolloutPolicy) -> None:
        every = list(access.types_for(viewer.acts_for.pk))
        self.types = [type for type in every if type.is_used]  # type: ignore[attr-defined] # by `types_for`
        self.paused_types = [type for type in self.types if type.pk in policy.paused_types]
        shown = tuple(type.pk for type in self.types if type.pk not in policy.paused_types)
        # The keys of the types of which the rule may show the client anything. None means every type.
        self.shown_types = shown if len(shown) < len(every) else None
        self.types_queryset = access.used_types(viewer.acts_for.pk)
        certificates = Certificate.objects.filter(type__in=self.types_queryset)
        self.certificates = certificates.select_related("body", "type")
        self.bodies = CertifyingBody.objects.filter(certificates__type__in=self.types_queryset).distinct()
        self.saved_searches = SavedSearch.objects.of(viewer).kept()
