from profiles.models import Profile


class ProfileKind:
    """The first part of a profile's address: its kind in the plural; in code, a Profile.Kind."""

    regex = "freelancers|agencies"
    plurals = {Profile.Kind.FREELANCER: "freelancers", Profile.Kind.AGENCY: "agencies"}
    kinds = {plural: kind for kind, plural in plurals.items()}

    def to_python(self, value: str) -> Profile.Kind:
        return self.kinds[value]

    def to_url(self, value: str) -> str:
        return self.plurals[value]
