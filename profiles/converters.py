from profiles.models import Profile


class ProfileKind:
    """The first part of a profile's address: its kind in the plural, as a Profile.Kind in the code."""

    regex = "freelancers|agencies"
    plurals = {Profile.Kind.FREELANCER: "freelancers", Profile.Kind.AGENCY: "agencies"}
    kinds = {plural: kind for kind, plural in plurals.items()}

    def to_python(self, value):
        return self.kinds[value]

    def to_url(self, value):
        return self.plurals[value]
